"""The pilot buildings: scripts on ``ifcopenshell.api`` and the IFC files that they wrote."""
