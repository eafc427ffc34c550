"""The plugin engine: finds, loads, asks and swaps plugins; knows Flask, blinker and the database, no domain noun."""
