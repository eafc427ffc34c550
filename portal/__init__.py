"""Portal: a plugin-first collaboration portal."""

__version__ = "1.0.dev0"
