"""The command line: `portal ...` and the seeds' four commands, each calling what the page calls."""
