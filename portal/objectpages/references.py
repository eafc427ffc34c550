"""Columns that refer to groups and people: their names in lists, pages and forms, as the viewer sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import Alias, Column, ColumnElement, and_, case, func, or_

from portal.accounts.loading import find_user
from portal.accounts.models import ACTIVE, User
from portal.core.database import db
from portal.core.errors import NotFound
from portal.groups.models import Group
from portal.groups.queries import find_group, visible_groups
from portal.pluginengine.manifest import FieldDeclaration
from portal.web.current import current
from portal.web.lists.filters import Filter

USERS = "users"


@dataclass(frozen=True, kw_only=True)
class Named:
    """What a reference shows: a name, and the address of its page or an empty text."""

    text: str
    url: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Joined:
    """A referring column of a list, and the table that it refers to under a name of its own."""

    column: Column[Any]
    target: Alias
    is_person: bool

    def on(self, viewer: User | None) -> ColumnElement[bool]:
        """Return what joins the two: groups that the viewer may see, people whoever looks."""
        if self.is_person:
            return self.column == self.target.c.user_id
        seen = visible_groups(viewer).with_only_columns(Group.group_id)
        return and_(self.column == self.target.c.group_id, self.target.c.group_id.in_(seen))

    @property
    def text(self) -> ColumnElement[Any]:
        """The name that people read."""
        if self.is_person:
            return func.coalesce(func.nullif(self.target.c.real_name, ""), self.target.c.user_name)
        return self.target.c.full_name

    @property
    def order(self) -> ColumnElement[Any]:
        """What lists are ordered by: the casefolded twin of the name."""
        return self.target.c.real_name_ci if self.is_person else self.target.c.full_name_ci

    @property
    def address(self) -> ColumnElement[Any]:
        """The name in addresses; nothing for whom has no page."""
        if self.is_person:
            return case((self.target.c.status == ACTIVE, self.target.c.user_name))
        return self.target.c.name

    def url(self, address: str | None) -> str:
        """Return the page of what that address names."""
        if not address:
            return ""
        if self.is_person:
            return url_for("home.show_profile", user_name=address)
        return url_for("groups.show_group", name=address)

    @property
    def filter(self) -> Filter:
        """The filter by either name."""
        own = self.target.c.user_name if self.is_person else self.target.c.name
        shown = self.target.c.real_name if self.is_person else self.target.c.full_name

        def where(op: str, value: Any) -> ColumnElement[bool]:
            if op in ("empty", "not_empty"):
                return self.column.is_(None) if op == "empty" else self.column.is_not(None)
            if op == "eq":
                return or_(own == value, shown == value)
            return or_(
                own.icontains(value, autoescape=True), shown.icontains(value, autoescape=True)
            )

        return Filter(where=where, can_be_empty=bool(self.column.nullable))


def joined(column: Column[Any], field: FieldDeclaration) -> Joined:
    """Return the column of a list together with what it refers to."""
    is_person = field.column.references == USERS
    table: Any = User.__table__ if is_person else Group.__table__
    return Joined(
        column=column, target=table.alias(f"named_{column.key}"[:63]), is_person=is_person
    )


def named(field: FieldDeclaration, key: int | None) -> Named | None:
    """Return what a reference of one row shows; None for none, and for a group that the viewer may not see."""
    if key is None:
        return None
    if field.column.references == USERS:
        person = db.session.get(User, key)
        if person is None:
            return None
        url = url_for("home.show_profile", user_name=person.user_name) if person.is_active else ""
        return Named(text=person.real_name or person.user_name, url=url)
    group = _seen_group(key)
    if group is None:
        return None
    return Named(text=group.full_name, url=url_for("groups.show_group", name=group.name))


def written(field: FieldDeclaration, key: int | None) -> str:
    """Return the name that stands in a form's input for a reference; empty where there is none to be read."""
    if key is None:
        return ""
    if field.column.references == USERS:
        person = db.session.get(User, key)
        return person.user_name if person is not None else ""
    group = _seen_group(key)
    return group.name if group is not None else ""


def read(field: FieldDeclaration, text: str, standing: int | None) -> int | None:
    """Return the key of whom a form names; ValueError, for people, when the viewer sees none of that name.

    ``standing`` is what the row referred to: left as it stood, it stays, though it be nobody whom the viewer
    could name.
    """
    name = text.strip()
    if standing is not None and name == written(field, standing):
        return standing
    if not name:
        return None
    if field.column.references == USERS:
        person = find_user(name)
        if person is None or not person.is_active:
            raise ValueError(_("There is nobody with this login name."))
        return person.user_id
    try:
        return find_group(name, current.viewer).group_id
    except NotFound:
        raise ValueError(_("There is no group of this name that you can see.")) from None


def _seen_group(key: int) -> Group | None:
    if current.group is not None and current.group.group_id == key:
        found: Group = current.group
        return found
    return db.session.scalars(
        visible_groups(current.viewer).where(Group.group_id == key)
    ).one_or_none()
