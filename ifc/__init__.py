"""IFC file in, neutral building model out."""
