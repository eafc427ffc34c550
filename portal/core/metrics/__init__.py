"""Figures for Prometheus: counted in memory, shared between the processes of a host, written as its text."""
