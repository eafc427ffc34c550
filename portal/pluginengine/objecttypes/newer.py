"""Data that a later version of a plugin wrote: refused, with a way out (3.3.4, engineering B10)."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.pluginengine.errors import Refused
from portal.pluginengine.versions import is_newer_schema


def refuse_newer(recorded: str | None, declared: str | None, written_by: str | None = None) -> None:
    """Raise ``Refused`` when the data are of a later schema than the code knows (3.3.4).

    ``written_by`` is the version of the plugin that wrote them, where it is known.
    """
    cause = newer_schema(recorded, declared, written_by)
    if cause:
        raise Refused(cause, way_out(written_by))


def newer_schema(recorded: str | None, declared: str | None, written_by: str | None = None) -> str:
    """Say that the data are of a later schema than the code knows, or nothing."""
    if recorded is None or declared is None:
        return ""
    if not is_newer_schema(recorded, declared):
        return ""
    if written_by:
        return _(
            "Its data have schema version %(recorded)s, written by version %(version)s; "
            "this code knows %(declared)s.",
            recorded=recorded,
            version=written_by,
            declared=declared,
        )
    return _(
        "Its data have schema version %(recorded)s; this code knows %(declared)s.",
        recorded=recorded,
        declared=declared,
    )


def way_out(written_by: str | None = None) -> str:
    """Say what to do about data of a later schema."""
    if written_by:
        return _(
            "Put version %(version)s of the plugin, or a later one, back in its place, "
            "or restore a backup from before it was installed.",
            version=written_by,
        )
    return _(
        "Put the version of the plugin that wrote them back in its place, "
        "or restore a backup from before it was installed."
    )
