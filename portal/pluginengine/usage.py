"""Who uses which plugin: the methods that groups and users share, and the one write behind them.

Seeds 001 and 004 name ``usesPlugin`` and ``setPluginUsage``; design 6 adds ``plugin_choice``.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, ClassVar

from flask_babel import gettext as _
from sqlalchemy import Integer, String, cast, false, func, literal, select, true
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql import ColumnElement

from portal.core.audit.recording import Subject, record
from portal.core.database import db
from portal.pluginengine.actions import PLUGIN_USE, plugin_subject
from portal.pluginengine.activation import Switch
from portal.pluginengine.context import running_as
from portal.pluginengine.engine import current_engine
from portal.pluginengine.errors import Refused, Veto
from portal.pluginengine.masking import is_hidden

logger = logging.getLogger(__name__)


class PluginOwner:
    """Mixin of the models that have plugin switches.

    The class names its scope ("group" or "user"), the model of its choices, the column of that
    model that points back to it, and the column with its own name. ``keeps_history`` says that what
    happens to it stands in a history of its own (portal.core.audit: it is a group).
    """

    plugin_scope: ClassVar[str]
    plugin_use: ClassVar[Any]
    plugin_owner_key: ClassVar[str]
    plugin_owner_name: ClassVar[str]
    keeps_history: ClassVar[bool] = False

    @property
    def plugin_choices(self) -> Mapping[int, bool]:
        """The explicit choices by plugin id; read once per object, unless a query brought them along."""
        known: Mapping[int, bool] | None = self.__dict__.get("_plugin_choices")
        if known is None:
            use, key = self.plugin_use, getattr(self, self.plugin_owner_key)
            rows = db.session.execute(
                select(use.plugin_id, use.used).where(getattr(use, self.plugin_owner_key) == key)
            )
            known = {plugin_id: bool(used) for plugin_id, used in rows}
            self.__dict__["_plugin_choices"] = known
        return known

    def uses_plugin(self, handle: str) -> bool:
        """Tell whether the plugin acts for this owner: enabled, healthy, policy, choice (seed 004)."""
        return current_engine().activation.is_active(handle, self)

    def plugin_choice(self, handle: str) -> bool | None:
        """Return the stored choice, or None when there is none, whatever the policy makes of it."""
        record = current_engine().state.by_handle.get(handle)
        return None if record is None else self.plugin_choices.get(record.plugin_id)

    def set_plugin_usage(self, handle: str, used: bool) -> bool:
        """Store the choice; True on success, False (reason logged) for unknown, forced, forbidden or vetoed.

        Whether the person may do this is the calling service's business (seed 004: setPluginUsage).
        """
        try:
            change_usage(self, handle, used)
        except (Refused, Veto) as refusal:
            logger.warning("Usage of plugin %s not changed: %s", handle, refusal)
            return False
        return True

    usesPlugin = uses_plugin  # noqa: N815  the seeds' names
    setPluginUsage = set_plugin_usage  # noqa: N815


def choices_text(use: Any, owner_id: InstrumentedAttribute[int]) -> ColumnElement[str | None]:
    """Return a scalar subquery that packs an owner's choices into one text, as "7:1,9:0".

    With it the choices come in the same SELECT as the owner's row; ``remember_choices`` unpacks them.
    """
    pair = cast(use.plugin_id, String) + literal(":") + cast(cast(use.used, Integer), String)
    return (
        select(func.aggregate_strings(pair, ","))
        .where(getattr(use, owner_id.key) == owner_id)
        .correlate(owner_id.class_.__table__)
        .scalar_subquery()
    )


def remember_choices(owner: PluginOwner, text: str | None) -> None:
    """Give ``owner`` the choices that ``choices_text`` packed."""
    pairs = (part.split(":") for part in (text or "").split(",") if part)
    owner.__dict__["_plugin_choices"] = {int(plugin_id): used == "1" for plugin_id, used in pairs}


def using_plugin(owner: type[PluginOwner], handle: str) -> ColumnElement[bool]:
    """Return the predicate as SQL: a condition on rows of ``owner`` that holds for those using the plugin."""
    switch = current_engine().activation.switch(handle)
    if switch is None or is_hidden(handle):
        return false()
    scope = owner.plugin_scope
    by_default = switch.is_on(scope, None)
    if by_default == switch.is_on(scope, not by_default):
        return true() if by_default else false()
    use, key = owner.plugin_use, owner.plugin_owner_key
    others = select(getattr(use, key)).where(
        use.plugin_id == switch.plugin_id, use.used.is_(not by_default)
    )
    column: ColumnElement[int] = getattr(owner, key)
    return column.not_in(others) if by_default else column.in_(others)


def change_usage(owner: PluginOwner, handle: str, used: bool) -> bool:
    """Store a choice, ask the check hook first and tell the notify hook after the commit.

    Returns False when the stored choice was that already. Raises ``Refused`` when the plugin is
    unknown, has no such switch, or the site's policy forces or forbids it; ``Veto`` when a plugin objects.
    """
    engine = current_engine()
    scope = owner.plugin_scope
    switch = engine.activation.switch(handle)
    _refuse_fixed(switch, handle, scope)
    assert switch is not None
    if owner.plugin_choices.get(switch.plugin_id) == used:
        return False
    about = {scope: owner, f"{scope}_id": getattr(owner, owner.plugin_owner_key)}
    itself = frozenset({handle})  # asked and told, too, while it is still or already off
    engine.hooks.check(f"{scope}_plugin_changing", also=itself, plugin=handle, enable=used, **about)
    with running_as(None):  # the host's own write, whoever asked for it
        was_used = owner.plugin_choices.get(switch.plugin_id)
        _store(owner, switch.plugin_id, used)
        _record(owner, plugin_subject(switch.plugin_id, handle), was_used, used)
    engine.hooks.notify(f"{scope}_plugin_use", also=itself, plugin=handle, enabled=used, **about)
    return True


def _record(owner: PluginOwner, plugin: Subject, was_used: bool | None, used: bool) -> None:
    history: Any = owner if owner.keeps_history else None
    new: dict[str, Any] = {"used": used}
    if history is None:
        new[owner.plugin_scope] = getattr(owner, owner.plugin_owner_name)
    record(PLUGIN_USE, plugin, group=history, old={"used": was_used}, new=new)


def _refuse_fixed(switch: Switch | None, handle: str, scope: str) -> None:
    if switch is None or scope not in switch.scopes:
        raise Refused(
            _("The plugin %(plugin)s cannot be switched here.", plugin=handle),
            _("It is not enabled on this site, or has no switch of this kind."),
        )
    policy = switch.policies[scope]
    if policy in ("forced", "forbidden"):
        raise Refused(
            _("The plugin %(plugin)s is %(policy)s by the site.", plugin=handle, policy=policy),
            _("A site admin can change the policy."),
        )


def _store(owner: PluginOwner, plugin_id: int, used: bool) -> None:
    use, key = owner.plugin_use, owner.plugin_owner_key
    row = db.session.scalars(
        select(use).where(getattr(use, key) == getattr(owner, key), use.plugin_id == plugin_id)
    ).one_or_none()
    if row is None:
        db.session.add(use(**{key: getattr(owner, key)}, plugin_id=plugin_id, used=used))
    else:
        row.used = used
    db.session.flush()
    owner.__dict__["_plugin_choices"] = {**owner.plugin_choices, plugin_id: used}
