"""What plugins need: each other, and a portal that is new enough (2.3.3, `requires` of the manifest)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from flask_babel import gettext as _
from sqlalchemy import select

from portal import __version__
from portal.config import current_settings
from portal.core.database import db
from portal.pluginengine.errors import Refused
from portal.pluginengine.manifest import PluginRequirement, Requirements
from portal.pluginengine.manifest.requires import stored_requirements
from portal.pluginengine.models import PluginRow
from portal.pluginengine.versions import is_newer


def portal_version() -> str:
    """Return the portal's version as plugins compare it: major and minor as one decimal number."""
    return ".".join(__version__.split(".")[:2])


def check(name: str, needed: Requirements, warn: Callable[[str], None]) -> None:
    """Raise ``Refused``, naming everything that is missing, unless what the plugin needs is there.

    What it needs of other plugins has to be enabled. A portal newer than the last one that the plugin
    was tried with is a warning, or refused, as the operator wants it (PORTAL_PLUGIN_UNTESTED).
    """
    absent = missing(needed)
    if absent:
        raise Refused(
            _(
                "Plugin %(name)s needs what is not there: %(what)s.",
                name=name,
                what="; ".join(absent),
            ),
            _("Install and enable that first, in a version that is new enough."),
        )
    untested = untested_text(name, needed)
    if untested and current_settings().plugin_untested == "refuse":
        raise Refused(
            untested,
            _("The operator of this site has such plugins refused (PORTAL_PLUGIN_UNTESTED)."),
        )
    if untested:
        warn(untested)


def untested_text(name: str, needed: Requirements) -> str:
    """Say that this portal is newer than the last one that the plugin was tried with; "" when it is not."""
    tested, present = needed.portal_tested, portal_version()
    if tested is None or not is_newer(present, tested):
        return ""
    return _(
        "Plugin %(name)s was tried with portals up to %(tested)s; this is %(present)s.",
        name=name,
        tested=tested,
        present=present,
    )


def live_rows() -> Mapping[str, PluginRow]:
    """Return the rows of all plugins that the site knows, by code in lower case."""
    rows = db.session.scalars(select(PluginRow).where(PluginRow.delete_flg == 0))
    return {row.code_ci: row for row in rows}


def missing(needed: Requirements, rows: Mapping[str, PluginRow] | None = None) -> list[str]:
    """Return what is needed and is not there, in words for people.

    ``rows`` are those of all plugins, read when they are not given.
    """
    known = live_rows() if rows is None else rows
    return [*_portal_missing(needed), *_plugins_missing(needed.plugins, known)]


def refuse_needed(row: PluginRow, *, only_enabled: bool) -> None:
    """Raise ``Refused``, naming them, when other plugins need this one.

    ``only_enabled``: those that are disabled do not count, because it is only switched off.
    """
    names = sorted(dependents(row, only_enabled=only_enabled))
    if names:
        raise Refused(
            _(
                "Other plugins need %(name)s: %(others)s.",
                name=row.name,
                others=", ".join(names),
            ),
            _("Disable them first.") if only_enabled else _("Uninstall them first."),
        )


def refuse_too_old(row: PluginRow, new: str) -> None:
    """Raise ``Refused``, naming them, when other plugins need a newer version of this one than ``new``."""
    needs = (
        (other.name, each.version)
        for other, each in _requirements_of(row, live_rows().values())
        if each.version is not None and is_newer(each.version, new)
    )
    named = sorted(f"{name} ({version})" for name, version in needs)
    if named:
        raise Refused(
            _(
                "Other plugins need a newer version of %(name)s than %(new)s: %(others)s.",
                name=row.name,
                new=new,
                others=", ".join(named),
            ),
            _("Uninstall them first."),
        )


def dependents(
    row: PluginRow, *, only_enabled: bool, rows: Mapping[str, PluginRow] | None = None
) -> Iterator[str]:
    """Yield the names of the registered plugins that need this one.

    ``rows`` are those of all plugins, read when they are not given.
    """
    known = live_rows() if rows is None else rows
    for other, _requirement in _requirements_of(row, known.values()):
        if other.enable or not only_enabled:
            yield other.name


def _requirements_of(
    row: PluginRow, others: Iterable[PluginRow]
) -> Iterator[tuple[PluginRow, PluginRequirement]]:
    """Yield the plugins that need this one, each with what it needs of it."""
    for other in others:
        if other.plugin_id == row.plugin_id:
            continue
        for each in stored_requirements(other.manifest, other.code).plugins:
            if each.code.lower() == row.code_ci:
                yield other, each


def _portal_missing(needed: Requirements) -> Iterator[str]:
    least, present = needed.portal_min, portal_version()
    if least is not None and is_newer(least, present):
        yield _("portal %(least)s (this is %(present)s)", least=least, present=present)


def _plugins_missing(
    needed: tuple[PluginRequirement, ...], rows: Mapping[str, PluginRow]
) -> Iterator[str]:
    for each in needed:
        row = rows.get(each.code.lower())
        if row is None:
            yield _("plugin %(code)s (not installed)", code=each.code)
        elif not row.enable:
            yield _("plugin %(code)s (disabled)", code=each.code)
        elif each.version is not None and is_newer(each.version, row.version):
            yield _(
                "plugin %(code)s %(least)s (here is %(present)s)",
                code=each.code,
                least=each.version,
                present=row.version,
            )
