"""greentwin: an IFC model in, a living green twin out."""

__version__ = "0.1.0"
