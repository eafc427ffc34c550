"""Core: errors, clock, database, unit of work and logs; knows neither the web nor a domain."""
