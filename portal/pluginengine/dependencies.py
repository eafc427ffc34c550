"""What plugins need: each other, and a portal that is new enough (2.3.3, `requires` of the manifest)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.metadata import version

from flask_babel import gettext as _
from sqlalchemy import select

from portal.core.database import db
from portal.pluginengine.errors import Refused
from portal.pluginengine.manifest import PluginRequirement, Requirements
from portal.pluginengine.manifest.requires import stored_requirements
from portal.pluginengine.models import PluginRow
from portal.pluginengine.versions import is_newer


def portal_version() -> str:
    """Return the portal's version as plugins compare it: major and minor as one decimal number."""
    return ".".join(version("portal").split(".")[:2])


def check(name: str, needed: Requirements, warn: Callable[[str], None]) -> None:
    """Raise ``Refused``, naming everything that is missing, unless what the plugin needs is there.

    What it needs of other plugins has to be enabled. A portal newer than the last one that the plugin
    was tried with is a warning.
    """
    missing = [*_portal_missing(needed), *_plugins_missing(needed.plugins)]
    if missing:
        raise Refused(
            _(
                "Plugin %(name)s needs what is not there: %(what)s.",
                name=name,
                what="; ".join(missing),
            ),
            _("Install and enable that first, in a version that is new enough."),
        )
    tested, present = needed.portal_tested, portal_version()
    if tested is not None and is_newer(present, tested):
        warn(
            _(
                "Plugin %(name)s was tried with portals up to %(tested)s; this is %(present)s.",
                name=name,
                tested=tested,
                present=present,
            )
        )


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


def dependents(row: PluginRow, *, only_enabled: bool) -> Iterator[str]:
    """Yield the names of the registered plugins that need this one."""
    query = select(PluginRow).where(PluginRow.delete_flg == 0, PluginRow.plugin_id != row.plugin_id)
    for other in db.session.scalars(query):
        if only_enabled and not other.enable:
            continue
        needed = stored_requirements(other.manifest, other.code)
        if any(each.code.lower() == row.code_ci for each in needed.plugins):
            yield other.name


def _portal_missing(needed: Requirements) -> Iterator[str]:
    least, present = needed.portal_min, portal_version()
    if least is not None and is_newer(least, present):
        yield _("portal %(least)s (this is %(present)s)", least=least, present=present)


def _plugins_missing(needed: tuple[PluginRequirement, ...]) -> Iterator[str]:
    for each in needed:
        row = db.session.scalars(
            select(PluginRow).where(
                PluginRow.code_ci == each.code.lower(), PluginRow.delete_flg == 0
            )
        ).one_or_none()
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
