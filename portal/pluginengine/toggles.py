"""The page on which an owner switches plugins: what it shows, and carrying out what was sent.

Groups and users share it. The core draws the switches and works out what changed; plugins may add
fields beside theirs (hooks ``<scope>isactivecheckbox``) and store them (``...post``), see forge 1.2, 7 and 8.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from portal.core.database import db
from portal.core.errors import Invalid
from portal.core.unit_of_work import current_unit
from portal.pluginengine.activation import Switch
from portal.pluginengine.engine import current_engine
from portal.pluginengine.errors import Refused, Veto
from portal.pluginengine.fieldvalues import changed_fields
from portal.pluginengine.masking import hidden
from portal.pluginengine.usage import PluginOwner, change_usage

#: The hidden field that tells, once for each plugin, whose switch or fields the sent page showed.
SHOWN = "shown"

#: More plugins than a page shows; what is sent beyond is no honest form.
MOST_SHOWN = 1000


@dataclass(frozen=True, kw_only=True)
class Toggle:
    """One plugin on the page: a switch called ``use_<handle>``, or words where there is no choice.

    ``extra`` are the plugin's own fields, named ``<handle>_*``; ``errors`` say why a change was refused.
    """

    handle: str
    title: str
    description: str
    version: str
    checked: bool
    locked: bool
    state: str
    extra: Markup
    errors: tuple[str, ...] = ()


def toggles_for(
    owner: PluginOwner,
    sent: MultiDict[str, str] | None = None,
    errors: Mapping[str, Sequence[str]] | None = None,
) -> list[Toggle]:
    """Return a toggle for each running plugin with a switch of the owner's kind, by title.

    After a refused submit, ``sent`` keeps the switches as the person left them and ``errors`` gives
    the texts by handle. Plugins behind a mask are left out: what the page does not show, its submit keeps.
    """
    switches = current_engine().activation.with_switch(owner.plugin_scope)
    masked = hidden()
    toggles = [
        _toggle(owner, switch, sent, (errors or {}).get(switch.handle, ()))
        for switch in switches
        if switch.handle not in masked
    ]
    return sorted(toggles, key=lambda toggle: (toggle.title.casefold(), toggle.handle))


def change_toggles(owner: PluginOwner, sent: MultiDict[str, str]) -> list[str]:
    """Carry out a submit of the page and return the handles of the plugins that changed.

    Raises ``Invalid`` with the texts by handle when a policy or a plugin refuses; then nothing at
    all has changed. Plugins that the sent page did not show are left alone.
    """
    changed: list[str] = []
    faults: dict[str, list[str]] = {}
    with _all_or_nothing(owner, faults):
        for handle in dict.fromkeys(sent.getlist(SHOWN)[:MOST_SHOWN]):
            switch = current_engine().activation.switch(handle)
            try:
                if _change(owner, handle, switch, sent):
                    changed.append(handle)
            except (Refused, Veto) as refusal:
                faults[handle] = [str(refusal)]
    return changed


def _toggle(
    owner: PluginOwner, switch: Switch, sent: MultiDict[str, str] | None, errors: Sequence[str]
) -> Toggle:
    manifest = current_engine().plugins[switch.handle].manifest
    is_used = owner.uses_plugin(switch.handle)
    locked = _is_locked(owner, switch)
    was_shown = sent is not None and switch.handle in sent.getlist(SHOWN)
    return Toggle(
        handle=switch.handle,
        title=manifest.name,
        description=manifest.description,
        version=manifest.version,
        checked=_wanted(switch.handle, sent)
        if sent is not None and was_shown and not locked
        else is_used,
        locked=locked,
        state=_state(owner, switch),
        extra=_fields(owner, switch, is_used),
        errors=tuple(errors),
    )


def _change(
    owner: PluginOwner, handle: str, switch: Switch | None, sent: MultiDict[str, str]
) -> bool:
    """Carry out what was sent for one plugin; returns whether anything changed.

    One that does not run just now (quarantined, broken) keeps what is stored, when the page that was sent
    says the same; what differs is refused by name, never lost (peers 4.13).
    """
    if switch is None:
        used = _wanted(handle, sent)
        return used != _would_use(owner, handle) and change_usage(owner, handle, used)
    was_used = owner.uses_plugin(handle)
    used = was_used if _is_locked(owner, switch) else _wanted(handle, sent)
    fields = _own_fields(handle, sent)
    touched = changed_fields(_fields(owner, switch, was_used), fields.items(multi=True))
    if used == was_used and not touched:
        return False
    if used != was_used:
        change_usage(owner, handle, used)
    current_engine().hooks.check(
        f"{owner.plugin_scope}isactivecheckboxpost",
        asked=frozenset({handle}),
        plugin=handle,
        enabled=used,
        was_enabled=was_used,
        form=fields,
        **_about(owner),
    )
    return True


@contextmanager
def _all_or_nothing(owner: PluginOwner, faults: Mapping[str, list[str]]) -> Iterator[None]:
    """Undo everything that the block did, after-commit calls included, when ``faults`` has filled."""
    waiting = current_unit().waiting
    count, choices = len(waiting), dict(owner.plugin_choices)
    with db.session.begin_nested() as savepoint:
        yield
        if faults:
            savepoint.rollback()
    if faults:
        del waiting[count:]
        owner.__dict__["_plugin_choices"] = choices
        raise Invalid(faults)


def _wanted(handle: str, sent: MultiDict[str, str]) -> bool:
    return f"use_{handle}" in sent


def _would_use(owner: PluginOwner, handle: str) -> bool:
    """Tell whether the owner would use a plugin if it ran."""
    record = current_engine().state.by_handle.get(handle)
    if record is None:
        return False
    scope = owner.plugin_scope
    policies = {"group": record.group_policy, "user": record.user_policy}
    switch = Switch(
        handle=handle, plugin_id=record.plugin_id, scopes=frozenset({scope}), policies=policies
    )
    return switch.is_on(scope, owner.plugin_choice(handle))


def _own_fields(handle: str, sent: MultiDict[str, str]) -> MultiDict[str, str]:
    return MultiDict(pair for pair in sent.items(multi=True) if pair[0].startswith(f"{handle}_"))


def _policy(owner: PluginOwner, switch: Switch) -> str:
    return switch.policies[owner.plugin_scope]


def _is_locked(owner: PluginOwner, switch: Switch) -> bool:
    return _policy(owner, switch) in ("forced", "forbidden")


def _state(owner: PluginOwner, switch: Switch) -> str:
    texts = {
        "forced": _("Always on: the site's administrators decided so."),
        "forbidden": _("Not available: the site's administrators decided so."),
        "default_on": _("On unless switched off."),
    }
    return texts.get(_policy(owner, switch), "")


def _fields(owner: PluginOwner, switch: Switch, is_used: bool) -> Markup:
    if _policy(owner, switch) == "forbidden":
        return Markup()
    return current_engine().hooks.render(
        f"{owner.plugin_scope}isactivecheckbox",
        asked=frozenset({switch.handle}),
        plugin=switch.handle,
        enabled=is_used,
        **_about(owner),
    )


def _about(owner: PluginOwner) -> dict[str, Any]:
    return {
        owner.plugin_scope: owner,
        owner.plugin_owner_key: getattr(owner, owner.plugin_owner_key),
    }
