"""Data needs as buildingSMART IDS, and the check of a model against them."""
