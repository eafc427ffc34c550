"""Telling plugins what becomes of an account, and asking them before; no payload holds a password."""

from __future__ import annotations

from collections.abc import Mapping

from portal.accounts.models import User
from portal.accounts.snapshots import UserSnapshot
from portal.core.errors import Conflict, Invalid
from portal.pluginengine.engine import current_engine
from portal.pluginengine.errors import Veto


def ask_creating(values: Mapping[str, object]) -> None:
    """Ask whether an account may be made; raises ``Invalid`` with the objection, at its field."""
    try:
        current_engine().hooks.check("user_creating", values=dict(values))
    except Veto as veto:
        raise Invalid({veto.field or "user_name": [veto.message]}) from None


def ask_deleting(user: User) -> None:
    """Ask whether an account may be deleted; raises ``Conflict`` with the objection."""
    try:
        current_engine().hooks.check("user_deleting", user=user)
    except Veto as veto:
        raise Conflict(veto.message) from None


def tell_created(user: User) -> None:
    """Tell, after the commit, that the account was made."""
    current_engine().hooks.notify("user_create", user=user)


def tell_updated(user: User, before: UserSnapshot) -> None:
    """Tell, after the commit, that the person's data changed."""
    current_engine().hooks.notify("user_update", user=user, before=before)


def tell_status(user: User, before: UserSnapshot) -> None:
    """Tell, after the commit, that the account is in another state."""
    current_engine().hooks.notify("user_setstatus", user=user, before=before, status=user.status)


def tell_address(user: User, before: UserSnapshot) -> None:
    """Tell, after the commit, that the person has another address."""
    current_engine().hooks.notify("user_setemail", user=user, before=before, email=user.email)


def tell_deleted(before: UserSnapshot) -> None:
    """Tell, after the commit, that the account is gone."""
    current_engine().hooks.notify("user_delete", user=before)
