"""Accounts: people, their log-in, their settings and the plugins they use."""
