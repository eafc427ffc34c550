"""The four commands that the seeds name: register-plugin and unregister-plugin (seed 004), sf-* (seed 001).

They do what ``portal plugin register`` and ``portal plugin unregister`` do, and are idempotent.
"""

from __future__ import annotations

import sys

from portal.cli.root import main


def register() -> None:
    """``register-plugin CODE``: register the plugin that lies on disk."""
    main(args=["plugin", "register", *_arguments()], prog_name="register-plugin")


def unregister() -> None:
    """``unregister-plugin CODE``: remove the plugin's row and every row that refers to it."""
    main(args=["plugin", "unregister", *_arguments()], prog_name="unregister-plugin")


def _arguments() -> list[str]:
    return sys.argv[1:]
