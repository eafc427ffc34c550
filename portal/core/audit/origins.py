"""Who acts, and from where: a context variable, so that services need not know the request.

The web kit enters an origin for each request, the command line for each command; without one it is
the portal itself that acts (a job, a migration).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Who acts (a person's key and login name; None and empty: nobody who is logged in) and from where.

    ``address`` is a network address, or words such as ``command line (root)``; ``request_id`` is the
    one that the logs carry.
    """

    actor_id: int | None = None
    actor_name: str = ""
    address: str = ""
    request_id: str = ""


_origin: ContextVar[Callable[[], Origin] | None] = ContextVar("portal_audit_origin", default=None)


@contextmanager
def audit_context(origin: Callable[[], Origin]) -> Iterator[None]:
    """Ask ``origin`` for every entry that is recorded inside the block, at the moment it is recorded."""
    token = _origin.set(origin)
    try:
        yield
    finally:
        _origin.reset(token)


def current_origin() -> Origin:
    """Return who acts right now, and from where."""
    origin = _origin.get()
    return Origin() if origin is None else origin()
