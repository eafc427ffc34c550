"""Where to go after logging in: only ever to an address of this site (forge 4.0, Return-to)."""

from __future__ import annotations

from urllib.parse import urlsplit

LONGEST = 2000


def is_own_address(target: str) -> bool:
    """Tell whether ``target`` is a path of this site, with or without a query.

    Browsers read ``//host``, ``/\\host`` and addresses with control characters in them as other
    sites; those are refused, as is whatever cannot be read at all.
    """
    if not target.startswith("/") or len(target) > LONGEST:
        return False
    if target.startswith("//") or "\\" in target or not target.isprintable():
        return False
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc


def destination(target: str, otherwise: str) -> str:
    """Return ``target`` when it is an address of this site, else ``otherwise``."""
    return target if is_own_address(target) else otherwise
