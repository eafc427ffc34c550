"""What accounts and plugins know about a person, for the export."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from flask import Flask
from sqlalchemy import select

from portal.accounts.browsers import browser_of
from portal.accounts.departures import as_subject
from portal.accounts.exporting import on_export
from portal.accounts.models import User, UserPlugin
from portal.accounts.sessionstore import sessions_of
from portal.core.audit.models import AuditEntry
from portal.core.database import db
from portal.pluginengine.models import PluginRow
from portal.pluginengine.personaldata import held_by_plugins
from portal.pluginengine.settings.exporting import settings_of_owner

#: What never leaves the site: the hash of the password, and the counter that ends sessions.
WITHHELD: Final = frozenset({"password_hash", "session_epoch"})


#: How many entries of the audit log are fetched at a time.
BATCH: Final = 500


def offer_sections(app: Flask) -> None:
    """Give exports the sections on the account, its sessions and deeds, choices and settings, and plugins."""
    on_export(app, "account", account)
    on_export(app, "sessions", sessions)
    on_export(app, "audit_log", deeds)
    on_export(app, "plugin_choices", plugin_choices)
    on_export(app, "settings", settings_of_owner)
    on_export(app, "plugins", lambda user: held_by_plugins(as_subject(user)))


def account(user: User) -> dict[str, object]:
    """Return the account, column by column."""
    columns = User.__table__.columns.keys()
    return {name: getattr(user, name) for name in columns if name not in WITHHELD}


def sessions(user: User) -> Iterator[Mapping[str, object]]:
    """Yield where the person is logged in, as the page of sessions shows it, used last first."""
    for each in sessions_of(user):
        yield {
            "browser": browser_of(each.user_agent),
            "user_agent": each.user_agent,
            "address": each.address,
            "logged_in_at": each.created_at,
            "last_seen_at": each.last_seen_at,
            "expires_at": each.expires_at,
        }


def deeds(user: User) -> Iterator[Mapping[str, object]]:
    """Yield what the audit log says that the person did, the oldest first.

    Without the values that were changed: they may be about others.
    """
    query = (
        select(
            AuditEntry.happened_at,
            AuditEntry.action,
            AuditEntry.object_kind,
            AuditEntry.object_name,
            AuditEntry.group_name,
            AuditEntry.address,
        )
        .where(AuditEntry.actor_id == user.user_id)
        .order_by(AuditEntry.audit_id)
        .execution_options(yield_per=BATCH)
    )
    for each in db.session.execute(query):
        yield dict(each._mapping)


def plugin_choices(user: User) -> Iterator[Mapping[str, object]]:
    """Yield what the person chose about plugins, by handle."""
    query = (
        select(PluginRow.plugin_name, UserPlugin.used)
        .join(PluginRow, PluginRow.plugin_id == UserPlugin.plugin_id)
        .where(UserPlugin.user_id == user.user_id)
        .order_by(PluginRow.plugin_name)
    )
    for each in db.session.execute(query):
        yield {"plugin": each.plugin_name, "used": each.used}
