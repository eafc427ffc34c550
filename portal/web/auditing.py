"""Tells the audit log who acts in a request, and from where."""

from __future__ import annotations

from collections.abc import Callable

from flask import g, request

from portal.core.audit.origins import Origin


def request_origin() -> Callable[[], Origin]:
    """Return what tells the origin of an entry at any moment of the running request.

    It looks at the request's own context, since plugin operations enter the context of another app.
    """
    this, address = g._get_current_object(), request.remote_addr or ""

    def origin() -> Origin:
        actor_id, actor_name = this.get("portal_actor") or (None, "")
        return Origin(
            actor_id=actor_id,
            actor_name=actor_name,
            address=address,
            request_id=this.get("portal_request_id", ""),
        )

    return origin
