"""Object types: the data that plugins declare, their tables, and bringing those up to date (M-14 to M-26)."""
