"""The plugin engine: finds, loads, asks and swaps plugins; it knows no domain noun."""
