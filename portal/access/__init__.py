"""Access: permissions, roles and grants, and the one question ``can()``."""
