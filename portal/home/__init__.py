"""Home: the front page."""
