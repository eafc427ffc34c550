"""Portal: a plugin-first collaboration portal."""
