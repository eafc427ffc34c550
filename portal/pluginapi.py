"""Everything that a plugin may import from the portal. What is not here is not API.

Additions only. ``API_VERSION`` names the state of this list; ``requires: {portal: ...}`` speaks of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import render_template
from flask_babel import gettext, lazy_gettext, ngettext
from sqlalchemy import ForeignKey, Select
from sqlalchemy.orm import MappedColumn, mapped_column, relationship
from sqlalchemy.orm import RelationshipProperty as _Relationship

from portal.access.decisions import can as _can
from portal.access.decisions import is_member as _is_member
from portal.access.guards import requires, requires_login
from portal.access.held import GrantObject as _GrantObject
from portal.access.snapshots import MembershipSnapshot
from portal.accounts.loading import find_user as _find_user
from portal.accounts.loginmethods import LoginMethod
from portal.accounts.models import User
from portal.accounts.pictures import Picture
from portal.accounts.snapshots import UserSnapshot
from portal.accounts.verdicts import Accept, Reject
from portal.core.clock import UtcDateTime, now
from portal.core.database import db
from portal.core.errors import Forbidden, Invalid, NotFound
from portal.groups.models import Group
from portal.groups.queries import find_group as _find_group
from portal.groups.queries import visible_groups as _visible_groups
from portal.groups.snapshots import GroupSnapshot
from portal.jobs.deferral import job
from portal.pluginclass import Plugin
from portal.pluginengine.aftercommit import after_commit
from portal.pluginengine.context import current_plugin
from portal.pluginengine.declarative import plugin_model
from portal.pluginengine.errors import HandlerMisuse, PluginError, SettingError, Veto
from portal.pluginengine.formextensions import FormExtension
from portal.pluginengine.gforge import emit as _emit
from portal.pluginengine.gforge import emitted as _emitted
from portal.pluginengine.objecttypes.declared import ObjectType
from portal.pluginengine.objecttypes.upgrading import SchemaUpgrade
from portal.pluginengine.registration import register_plugin
from portal.pluginengine.typeaccess import model_of as _model_of
from portal.pluginengine.usage import using_plugin as _using_plugin
from portal.web.assets import Asset
from portal.web.current import current
from portal.web.forms import EmptyForm, Form
from portal.web.navigation import (
    Breadcrumb,
    Link,
    MenuItem,
    PublicAreaItem,
    Section,
    Selected,
)
from portal.web.paging import Page, page_of
from portal.web.transactions import transaction

API_VERSION = "1.0"

_CURRENT: Any = object()


def render_page(template: str, **context: Any) -> str:
    """Render a template of the running plugin: "index.html" is templates/<handle>/index.html.

    RuntimeError outside plugin code.
    """
    return render_template(
        f"{_running_plugin('render_page')}:{template}", plugin=current.plugin, **context
    )


def object_type(name: str) -> type[Any]:
    """Return the mapped class of a type of the running plugin, or of the core's: ``object_type("foo")``.

    What ``object_types`` and ``orm.path`` in config.yml declare (M-14 to M-18). PluginError for a name
    that is neither; RuntimeError outside plugin code.
    """
    return _model_of(_running_plugin("object_type"), name)


def print_sub_menu(title: str, url: str) -> MenuItem:
    """Return a tab for a person's pages, for the hook ``usermenu`` (seed 004).

    Inside ``call_hook`` it is shown even when it is not returned. RuntimeError outside plugin code.
    """
    handle = _running_plugin("print_sub_menu")
    number = len(_emitted()) + 1
    item = MenuItem(key=handle if number == 1 else f"{handle}-{number}", title=title, url=url)
    _emit(item)
    return item


#: The seed's name.
PrintSubMenu = print_sub_menu


def _running_plugin(asker: str) -> str:
    handle = current_plugin.get()
    if handle is None:
        raise RuntimeError(f"{asker}() was called outside a plugin's view or handler.")
    return handle


def can(
    permission: str,
    group: Group | None = None,
    user: User | None = _CURRENT,
    on: _GrantObject | None = None,
) -> bool:
    """Tell whether ``user`` (default: the viewer; None: anonymous) has the permission there.

    ``on`` is an object with ``grant_kind`` and ``grant_id`` that the permission may be granted for alone.
    """
    return _can(current.viewer if user is _CURRENT else user, permission, group, on)


def is_member(group: Group, user: User | None = _CURRENT) -> bool:
    """Tell whether ``user`` (default: the viewer; None: anonymous) holds a role of the group."""
    return _is_member(current.viewer if user is _CURRENT else user, group)


def find_group(name: str) -> Group | None:
    """Return a group by name as the viewer sees it, or None."""
    try:
        return _find_group(name, current.viewer)
    except NotFound:
        return None


def visible_groups(*, using: bool = False) -> Select[Any]:
    """Return a SELECT of the groups that the viewer may see; with ``using``, those that use this plugin.

    A list that shows rows of many groups is to be limited to those with ``using``.
    """
    query = _visible_groups(current.viewer)
    return query.where(_using_plugin(Group, _running_plugin("visible_groups"))) if using else query


def find_user(user_name: str) -> User | None:
    """Return an active person by login name, or None."""
    user = _find_user(user_name)
    return user if user is not None and user.is_active else None


def group_fk(*, nullable: bool = False, ondelete: str = "CASCADE") -> MappedColumn[Any]:
    """Return a column that refers to a group: ``group_id: Mapped[int] = group_fk()``."""
    return _owner_key(Group.__table__.c.group_id, nullable=nullable, ondelete=ondelete)


def user_fk(*, nullable: bool = False, ondelete: str = "CASCADE") -> MappedColumn[Any]:
    """Return a column that refers to a person: ``user_id: Mapped[int] = user_fk()``."""
    return _owner_key(User.__table__.c.user_id, nullable=nullable, ondelete=ondelete)


def _owner_key(column: Any, *, nullable: bool, ondelete: str) -> MappedColumn[Any]:
    if ondelete not in ("CASCADE", "SET NULL"):
        raise ValueError(
            f"ondelete={ondelete!r}: plugins' references cascade or become NULL (CASCADE, SET NULL)."
        )
    if ondelete == "SET NULL" and not nullable:
        raise ValueError("ondelete='SET NULL' needs nullable=True.")
    return mapped_column(ForeignKey(column, ondelete=ondelete), nullable=nullable, index=True)


def to_group() -> _Relationship[Any]:
    """Return the view-only relationship to the group of ``group_fk()``: ``group = to_group()``."""
    return relationship(Group, viewonly=True, lazy="select")


def to_user(*, foreign_keys: Sequence[Any] | None = None) -> _Relationship[Any]:
    """Return the view-only relationship to a person; name the column when there are several."""
    return relationship(User, viewonly=True, lazy="select", foreign_keys=foreign_keys)


__all__ = [
    "API_VERSION",
    "Accept",
    "Asset",
    "Breadcrumb",
    "EmptyForm",
    "Forbidden",
    "Form",
    "FormExtension",
    "Group",
    "GroupSnapshot",
    "HandlerMisuse",
    "Invalid",
    "Link",
    "LoginMethod",
    "MembershipSnapshot",
    "MenuItem",
    "NotFound",
    "ObjectType",
    "Page",
    "Picture",
    "Plugin",
    "PluginError",
    "PrintSubMenu",
    "PublicAreaItem",
    "Reject",
    "SchemaUpgrade",
    "Section",
    "Selected",
    "SettingError",
    "User",
    "UserSnapshot",
    "UtcDateTime",
    "Veto",
    "after_commit",
    "can",
    "current",
    "db",
    "find_group",
    "find_user",
    "gettext",
    "group_fk",
    "is_member",
    "job",
    "lazy_gettext",
    "ngettext",
    "now",
    "object_type",
    "page_of",
    "plugin_model",
    "print_sub_menu",
    "register_plugin",
    "render_page",
    "requires",
    "requires_login",
    "to_group",
    "to_user",
    "transaction",
    "user_fk",
    "visible_groups",
]
