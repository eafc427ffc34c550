"""The lists about people in site admin: accounts, and the sessions of all of them (forge 4.13)."""

from __future__ import annotations

from flask import url_for
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy import ColumnElement, or_

from portal.accounts.browsers import browser_of
from portal.accounts.models import ACTIVE, DELETED, PENDING, SUSPENDED, User, UserSession
from portal.web.lists.columns import Column, sorted_by
from portal.web.lists.filters import LARGEST_NUMBER, Filter
from portal.web.lists.registry import ListView

USERS, SESSIONS = "users", "sessions"
ROWS = 50

ACCOUNT_STATES: tuple[tuple[str, LazyString], ...] = (
    (PENDING, _l("Not confirmed")),
    (ACTIVE, _l("Active")),
    (SUSPENDED, _l("Suspended")),
    (DELETED, _l("Deleted")),
)


def _matches_person(word: str) -> ColumnElement[bool]:
    folded = word.casefold()
    conditions = [
        User.user_name.contains(word.lower(), autoescape=True),
        User.real_name_ci.contains(folded, autoescape=True),
        User.email_ci.contains(folded, autoescape=True),
    ]
    if word.isascii() and word.isdecimal() and int(word) <= LARGEST_NUMBER:
        conditions.append(User.user_id == int(word))
    return or_(*conditions)


def user_url(user_name: str) -> str:
    """Return the address of a person's page in site admin."""
    return url_for("siteadmin.edit_user", user_name=user_name)


USER_LIST = ListView(
    name=USERS,
    key=User.user_id,
    rows=ROWS,
    default_sort="user_name",
    search=_matches_person,
    search_label=_l("Login name, name, e-mail address or number"),
    columns=(
        Column(
            key="user_name",
            title=_l("Login name"),
            link=lambda user: user_url(user.user_name),
            sort=sorted_by(User.user_name, is_unique=True),
            filter=Filter(by=User.user_name, is_folded=True),
        ),
        Column(
            key="real_name",
            title=_l("Name"),
            sort=sorted_by(User.real_name_ci),
            filter=Filter(by=User.real_name_ci, is_folded=True),
        ),
        Column(
            key="email",
            title=_l("E-mail address"),
            sort=sorted_by(User.email_ci, is_unique=True),
            filter=Filter(by=User.email_ci, is_folded=True),
        ),
        Column(
            key="status",
            title=_l("State"),
            kind="choice",
            choices=lambda: ACCOUNT_STATES,
            sort=sorted_by(User.status),
            filter=Filter(by=User.status),
        ),
        Column(
            key="created_at",
            title=_l("Registered"),
            kind="date",
            sort=sorted_by(User.created_at),
            filter=Filter(by=User.created_at),
        ),
        Column(
            key="last_login_at",
            title=_l("Last log-in"),
            kind="date",
            sort=sorted_by(User.last_login_at, nullable=True),
            filter=Filter(by=User.last_login_at, can_be_empty=True),
        ),
        Column(
            key="actions",
            title=_l("Actions"),
            value=lambda user: "",
            in_csv=False,
            align="end",
        ),
    ),
)

SESSION_LIST = ListView(
    name=SESSIONS,
    key=UserSession.session_id,
    rows=ROWS,
    default_sort="last_seen_at",
    default_descending=True,
    columns=(
        Column(
            key="user_name",
            title=_l("Login name"),
            link=lambda row: user_url(row.user_name),
            filter=Filter(by=User.user_name, is_folded=True),
        ),
        Column(
            key="browser",
            title=_l("Browser"),
            value=lambda row: browser_of(row.UserSession.user_agent),
        ),
        Column(
            key="address",
            title=_l("From"),
            value=lambda row: row.UserSession.address,
            filter=Filter(by=UserSession.address),
        ),
        Column(
            key="created_at",
            title=_l("Logged in"),
            kind="date",
            value=lambda row: row.UserSession.created_at,
            sort=sorted_by(UserSession.created_at),
            filter=Filter(by=UserSession.created_at),
        ),
        Column(
            key="last_seen_at",
            title=_l("Last seen"),
            kind="date",
            value=lambda row: row.UserSession.last_seen_at,
            sort=sorted_by(UserSession.last_seen_at),
            filter=Filter(by=UserSession.last_seen_at),
        ),
        Column(
            key="user_agent",
            title=_l("What the browser says of itself"),
            value=lambda row: row.UserSession.user_agent,
            is_shown=False,
        ),
        Column(key="actions", title=_l("Actions"), value=lambda row: "", in_csv=False, align="end"),
    ),
)
