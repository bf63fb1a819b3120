"""HTML and JSON of one evaluation."""
