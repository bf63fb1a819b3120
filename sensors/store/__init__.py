"""The history of readings."""
