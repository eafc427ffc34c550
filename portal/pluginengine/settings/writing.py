"""Changing settings: check, ask the plugins, store, tell the audit log. Whoever calls has asked ``can()``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from portal.core.audit.recording import Subject, record
from portal.core.database import db
from portal.core.errors import Conflict, Invalid
from portal.pluginengine.context import running_as
from portal.pluginengine.engine import current_engine
from portal.pluginengine.errors import BadValue, Veto
from portal.pluginengine.manifest import SettingDeclaration
from portal.pluginengine.manifest.values import SettingValue
from portal.pluginengine.settings.actions import SETTING, SETTING_CHANGE
from portal.pluginengine.settings.models import SettingRow
from portal.pluginengine.settings.reading import (
    ON_SITE,
    Declared,
    Place,
    SettingOwner,
    forget_read,
    locked_settings,
    place_of,
    settings_of,
)
from portal.pluginengine.settings.secrets import is_secret
from portal.pluginengine.settings.values import judge, to_json


def change_settings(
    declared: Declared,
    owner: SettingOwner | None,
    values: Mapping[str, SettingValue],
    resets: Collection[str] = (),
) -> bool:
    """Set ``values`` for the owner (None: the site) and forget what was set of ``resets``; False for no change.

    A value that is in force already is not stored, so that it goes on following what it comes from.
    Raises ``Invalid`` by the settings' names for what breaks a rule, is not declared for this scope, or
    is fixed by the operator, and for what a plugin objects to (hook ``plugin_settings_save``).
    """
    place = ON_SITE if owner is None else place_of(owner)
    standing = {each.declaration.name: each for each in settings_of(declared, owner)}
    _refuse(declared, place, values, resets)
    wanted = {
        name: value
        for name, value in values.items()
        if name not in resets and (standing[name].misfit or standing[name].value != value)
    }
    gone = [name for name in resets if standing[name].is_set_here]
    if not wanted and not gone:
        return False
    _ask(declared, owner, wanted, {name: standing[name].outer for name in gone})
    with running_as(None):
        _store(declared, place, wanted, gone)
        forget_read(declared.plugin_id)
        after = {each.declaration.name: each for each in settings_of(declared, owner)}
        for name in (*wanted, *gone):
            before = standing[name]
            _record(declared, owner, before.declaration, before.value, after[name].value)
    return True


def forget_owner(owner: SettingOwner) -> None:
    """Drop everything that was set for an owner who goes."""
    scope, scope_id = place_of(owner)
    db.session.execute(
        delete(SettingRow).where(SettingRow.scope == scope, SettingRow.scope_id == scope_id)
    )


def _refuse(
    declared: Declared,
    place: Place,
    values: Mapping[str, SettingValue],
    resets: Collection[str],
) -> None:
    errors: dict[str, list[str]] = {}
    locked = locked_settings(declared).values
    allowed = {each.name for each in declared.of_scope(place[0])}
    for name in {**values, **dict.fromkeys(resets)}:
        if name not in allowed:
            errors[name] = [_("There is no such setting here.")]
        elif name in locked:
            errors[name] = [_("The operator of the site has fixed this setting.")]
        elif name in values:
            try:
                judge(declared.settings[name], values[name])
            except BadValue as bad:
                errors[name] = [bad.rule]
    if errors:
        raise Invalid(errors)


def _ask(
    declared: Declared,
    owner: SettingOwner | None,
    wanted: Mapping[str, SettingValue],
    restored: Mapping[str, SettingValue | None],
) -> None:
    """Ask the plugins about the values that are going to be in force; secrets are not shown to them."""
    shown = {
        name: value
        for name, value in {**restored, **wanted}.items()
        if not declared.settings[name].secret
    }
    about: dict[str, Any] = {"group": None, "user": None}
    if owner is not None:
        about[owner.plugin_scope] = owner
    try:
        current_engine().hooks.check(
            "plugin_settings_save", plugin=declared.handle, settings=shown, **about
        )
    except Veto as veto:
        raise Invalid({veto.field or "": [veto.message]}) from veto


def _store(
    declared: Declared, place: Place, wanted: Mapping[str, SettingValue], gone: Collection[str]
) -> None:
    here = (
        SettingRow.plugin_id == declared.plugin_id,
        SettingRow.scope == place[0],
        SettingRow.scope_id == place[1],
    )
    db.session.execute(delete(SettingRow).where(*here, SettingRow.name.in_(gone)))
    rows = {
        row.name: row
        for row in db.session.scalars(
            select(SettingRow).where(*here, SettingRow.name.in_(wanted)).with_for_update()
        )
    }
    for name, value in wanted.items():
        row = rows.get(name)
        if row is None:
            row = SettingRow(
                plugin_id=declared.plugin_id, scope=place[0], scope_id=place[1], name=name
            )
            db.session.add(row)
        row.value = to_json(value)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict(
            _("Somebody saved these settings at the same moment."),
            _("Look at them, and save again."),
        ) from error


def _record(
    declared: Declared,
    owner: SettingOwner | None,
    declaration: SettingDeclaration,
    before: SettingValue | None,
    after: SettingValue | None,
) -> None:
    """Write a change down, in the owner's history, too; of what is or sounds secret, that there is one."""
    old: dict[str, Any] = {"value": before}
    new: dict[str, Any] = {"value": after}
    if is_secret(declaration):
        old, new = {"is_set": before is not None}, {"is_set": after is not None, "changed": True}
    history: dict[str, Any] = {} if owner is None else {owner.plugin_scope: owner}
    subject = Subject(
        kind=SETTING, id=declared.plugin_id, name=f"{declared.handle}.{declaration.name}"
    )
    record(SETTING_CHANGE, subject, **history, old=old, new=new)
