"""Loading a person in one SELECT: row, plugin choices, and what packages above bring along.

The signed-in person is loaded at every request. What else each request needs to know of them comes
with the row: plugin choices, and (from ``access``, which stands above and registers it here) the
grants on the whole site.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from flask import Flask, current_app
from sqlalchemy import ColumnElement, Select, bindparam, select

from portal.accounts.models import User, UserPlugin, UserSession
from portal.core.clock import now
from portal.core.database import db
from portal.pluginengine.usage import choices_text, remember_choices

EXTENSION = "portal.accounts.loading"


@dataclass(frozen=True, kw_only=True)
class Extra:
    """A column that comes with every loaded person, and what is done with its value."""

    column: Callable[[], ColumnElement[Any]]
    remember: Callable[[User, str | None], None]


@dataclass(frozen=True, kw_only=True)
class OpenSession:
    """What a request knows of the session that it belongs to; ``last_seen_at`` is aware UTC."""

    session_id: int
    last_seen_at: datetime


class Loading:
    """The SELECT of one app, made once: after the last ``bring_along``, at the first request."""

    def __init__(self) -> None:
        self.extras: list[Extra] = []
        self._statement: Select[Any] | None = None

    def statement(self) -> Select[Any]:
        """Return the SELECT of a person with everything that comes along."""
        if self._statement is None:
            choices = choices_text(UserPlugin, cast(Any, User.user_id))
            columns: list[Any] = [User, choices, *(each.column() for each in self.extras)]
            self._statement = select(*columns)
        return self._statement


def bring_along(app: Flask, extra: Extra) -> None:
    """Let ``extra`` come with every person that this app loads; only while the app is built."""
    loading: Loading = app.extensions[EXTENSION]
    loading.extras.append(extra)


def install_loading(app: Flask) -> None:
    """Prepare the app's loading of persons."""
    app.extensions[EXTENSION] = Loading()


def load_user(user_id: int) -> User | None:
    """Return the person with that key, whatever their status, or None. One SELECT."""
    return _load(User.user_id == bindparam("wanted"), user_id)


def find_user(user_name: str) -> User | None:
    """Return the person with that login name, whatever their status, or None. One SELECT."""
    if "\0" in user_name:
        return None  # PostgreSQL has no such text
    return _load(User.user_name == bindparam("wanted"), user_name)


def find_user_by_address(address: str) -> User | None:
    """Return the person with that confirmed address, whatever their status, or None. One SELECT."""
    if "\0" in address:
        return None
    return _load(User.email_ci == bindparam("wanted"), address.casefold())


def load_session(token_hash: str) -> tuple[User, OpenSession] | None:
    """Return whose session it is, whatever their status, and the session; None when it has ended.

    One SELECT.
    """
    loading: Loading = current_app.extensions[EXTENSION]
    statement = (
        loading.statement()
        .add_columns(UserSession.session_id, UserSession.last_seen_at)
        .join(UserSession, UserSession.user_id == User.user_id)
        .where(UserSession.token_hash == token_hash, UserSession.expires_at > now())
    )
    row = db.session.execute(statement).one_or_none()
    if row is None:
        return None
    *person, session_id, last_seen_at = row
    session = OpenSession(session_id=session_id, last_seen_at=last_seen_at)
    return _remembered(loading, person), session


def _load(condition: ColumnElement[bool], wanted: int | str) -> User | None:
    loading: Loading = current_app.extensions[EXTENSION]
    row = db.session.execute(loading.statement().where(condition), {"wanted": wanted}).one_or_none()
    return None if row is None else _remembered(loading, row)


def _remembered(loading: Loading, row: Iterable[Any]) -> User:
    user, choices, *values = row
    remember_choices(user, choices)
    for extra, value in zip(loading.extras, values, strict=True):
        extra.remember(user, value)
    return cast(User, user)
