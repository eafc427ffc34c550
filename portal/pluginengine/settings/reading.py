"""What is in force: user, group, site, default, in this order, unless the operator has fixed it (3.3.6)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Protocol, cast

from flask import current_app
from sqlalchemy import select, tuple_

from portal.core.database import db
from portal.core.unit_of_work import current_unit
from portal.pluginengine.errors import SettingError
from portal.pluginengine.manifest import SettingDeclaration
from portal.pluginengine.manifest.values import SettingValue
from portal.pluginengine.settings.models import SITE, SettingRow
from portal.pluginengine.settings.operator import FOLDER, Locked, OperatorFiles
from portal.pluginengine.settings.values import from_json

EXTENSION: Final = "portal.plugin_settings"

Source = Literal["default", "site", "group", "user", "operator"]
Place = tuple[str, int]
ON_SITE: Final[Place] = ("site", SITE)


class SettingOwner(Protocol):
    """Whoever has settings of their own: a group or a user."""

    @property
    def plugin_scope(self) -> str:
        """ "group" or "user"."""
        ...

    @property
    def plugin_owner_key(self) -> str:
        """The name of the attribute that holds the owner's key."""
        ...


@dataclass(frozen=True, kw_only=True)
class Declared:
    """The settings that a plugin declares, by name, with what it takes to read them."""

    plugin_id: int
    handle: str
    settings: Mapping[str, SettingDeclaration]

    def of_scope(self, scope: str) -> list[SettingDeclaration]:
        """Return those that can be set in the scope, in the order of the manifest."""
        return [each for each in self.settings.values() if scope in each.scope]


@dataclass(frozen=True, kw_only=True)
class InForce:
    """A setting as it is in one place: its value, where that comes from, and what was set here.

    ``is_set_here`` tells of a stored value of this very place; ``outer`` is what would be in force without
    it, from ``outer_source``; ``misfit`` tells that the value stored here no longer fits the declaration,
    and is passed over.
    """

    declaration: SettingDeclaration
    value: SettingValue | None
    source: Source
    outer: SettingValue | None
    outer_source: Source
    is_set_here: bool
    misfit: bool

    @property
    def is_locked(self) -> bool:
        """True when the operator of the site has fixed it."""
        return self.source == "operator"


class PluginSettings:
    """What reading settings takes, one for each app: the operator's files, and whose page it is.

    ``around`` returns the owners of the running page: their values come with the first question.
    """

    def __init__(self, var: Path, around: Callable[[], Iterable[SettingOwner]]) -> None:
        self.files = OperatorFiles(var / FOLDER)
        self.around = around


def locked_settings(declared: Declared) -> Locked:
    """Return what the operator has fixed of the plugin's settings, and the faults of that file."""
    return _of_app().files.locked(declared.handle, declared.settings)


def read_setting(
    declared: Declared, name: str, owners: Iterable[SettingOwner] = ()
) -> SettingValue | None:
    """Return the value in force for ``owners``, the closest first, else for the site, else the default.

    One SELECT per plugin in a unit of work, for the site and the owners of the page. Raises
    ``SettingError`` for a name that config.yml does not declare.
    """
    declaration = declared.settings.get(name)
    if declaration is None:
        names = ", ".join(declared.settings) or "none"
        raise SettingError(
            f"{declared.handle} has no setting {name!r}; its config.yml declares {names}."
        )
    locked = locked_settings(declared).values
    if name in locked:
        return locked[name]
    return _found(declared, declaration, [*map(place_of, owners), ON_SITE])[0]


def settings_of(declared: Declared, owner: SettingOwner | None) -> list[InForce]:
    """Return how the settings stand that can be set for ``owner`` (None: for the site), in file order."""
    place = ON_SITE if owner is None else place_of(owner)
    locked = locked_settings(declared).values
    return [_in_force(declared, each, place, locked) for each in declared.of_scope(place[0])]


def place_of(owner: SettingOwner) -> Place:
    """Return the scope and the key under which an owner's settings are kept."""
    return owner.plugin_scope, int(getattr(owner, owner.plugin_owner_key))


def forget_read(plugin_id: int) -> None:
    """Make the next question about a plugin's settings read again."""
    current_unit().cache.pop(_key(plugin_id), None)


def _in_force(
    declared: Declared,
    declaration: SettingDeclaration,
    place: Place,
    locked: Mapping[str, SettingValue],
) -> InForce:
    outside = [] if place == ON_SITE else [ON_SITE]
    value, source = _found(declared, declaration, [place, *outside])
    outer, outer_source = _found(declared, declaration, outside)
    own = _stored(declared, [place])[place].get(declaration.name)
    if declaration.name in locked:
        value, source = locked[declaration.name], "operator"
    return InForce(
        declaration=declaration,
        value=value,
        source=source,
        outer=outer,
        outer_source=outer_source,
        is_set_here=own is not None,
        misfit=own is not None and not _fits(declaration, own),
    )


def _found(
    declared: Declared, declaration: SettingDeclaration, places: list[Place]
) -> tuple[SettingValue | None, Source]:
    """Return the first value that fits, and where it stands."""
    wanted = [each for each in places if each[0] in declaration.scope]
    stored = _stored(declared, wanted)
    for place in wanted:
        text = stored[place].get(declaration.name)
        if text is not None and _fits(declaration, text):
            return from_json(declaration, text), cast(Source, place[0])
    return declaration.default, "default"


def _fits(declaration: SettingDeclaration, stored: str) -> bool:
    try:
        from_json(declaration, stored)
    except ValueError:
        return False
    return True


def _stored(declared: Declared, places: list[Place]) -> Mapping[Place, Mapping[str, str]]:
    """Return the stored texts of these places by name; places not asked about yet are read together."""
    cache = current_unit().cache
    known: dict[Place, dict[str, str]] | None = cache.get(_key(declared.plugin_id))
    wanted = set(places)
    if known is None:
        known = cache[_key(declared.plugin_id)] = {}
        scopes = {scope for each in declared.settings.values() for scope in each.scope}
        wanted |= {ON_SITE, *map(place_of, _of_app().around())}
        wanted = {each for each in wanted if each[0] in scopes} | set(places)
    missing = wanted - known.keys()
    if missing:
        known.update({place: {} for place in missing})
        rows = db.session.execute(
            select(SettingRow.scope, SettingRow.scope_id, SettingRow.name, SettingRow.value).where(
                SettingRow.plugin_id == declared.plugin_id,
                tuple_(SettingRow.scope, SettingRow.scope_id).in_(sorted(missing)),
            )
        )
        for scope, scope_id, name, value in rows:
            known[scope, scope_id][name] = value
    return known


def _of_app() -> PluginSettings:
    return cast(PluginSettings, current_app.extensions[EXTENSION])


def _key(plugin_id: int) -> tuple[str, int]:
    return ("pluginengine.settings", plugin_id)
