"""The types of plugins that have pages made by the portal: what those show, and who may see and change it.

Every type of a plugin's own whose key is one whole number has pages, unless `pages` in config.yml says
that it has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, cast
from urllib.parse import quote

from flask import Flask
from flask_babel import gettext as _
from sqlalchemy import Column, Table

from portal.pluginengine.errors import Fault, LoadError
from portal.pluginengine.manifest import CONFIG_FILE
from portal.pluginengine.manifest.pages import (
    GROUP,
    PAGE_NAMES,
    PageFault,
    column_faults,
    has_whole_key,
)
from portal.pluginengine.manifest.values import (
    FieldDeclaration,
    Manifest,
    PageName,
    PagesDeclaration,
    PageViewers,
)
from portal.pluginengine.objecttypes.columnsof import fields_of_type, must_be_given
from portal.pluginengine.objecttypes.values import OwnType, PluginTypes
from portal.pluginengine.pagepermissions import PageScope, permission_of

EXTENSION: Final = "portal.pagetypes"
USER: Final = "user_id"
"""The column that says whose a row is, when it refers to users."""
_PATHS: Final[Mapping[PageName, str]] = {
    "list": "",
    "new": "new",
    "show": "{key}/",
    "edit": "{key}/edit",
    "delete": "{key}/delete",
}
LONGEST_TITLE: Final = 200
"""So many characters of a text name a row: a notice of more would not fit into a cookie."""
LISTED: Final = 6
"""So many columns a list shows when none are named."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PageType:
    """A type of a plugin's as its pages show it.

    ``fields`` are the columns that pages can show, by the names of the class's attributes, labels filled
    in, the key left out; ``edit`` of each says whether forms ask for it. ``group_column`` and
    ``user_column`` are columns named group_id and user_id that refer to groups and users, else None; forms
    ask for neither. ``noun`` is the label as it stands within a sentence. ``title`` is the column that names
    a row ("" for none), ``columns`` the names of the list's, ``sort`` that of its first order; any of them
    may be the key. ``view`` says who sees rows: "everybody", "people" (who is logged in) or "permission"
    (who holds ``view_permission``; always so for rows of groups).
    """

    handle: str
    name: str
    model: type[Any]
    table: Table
    key: Column[Any]
    fields: tuple[FieldDeclaration, ...]
    group_column: Column[Any] | None
    user_column: Column[Any] | None
    label: str
    noun: str
    plural: str
    title: str
    columns: tuple[str, ...]
    sort: str
    descending: bool
    offers: frozenset[PageName]
    view: PageViewers
    view_permission: str
    edit_permission: str

    @property
    def scope(self) -> PageScope:
        """Whose its rows are: of groups ("group") or of the site ("system")."""
        return "system" if self.group_column is None else "group"

    @property
    def edited(self) -> tuple[FieldDeclaration, ...]:
        """What forms ask for."""
        return tuple(each for each in self.fields if each.edit)

    @property
    def menu_key(self) -> str:
        """The key of its tab and menu entry, which its pages declare to have it marked."""
        return f"{self.handle}-{self.name}"

    def path(self, page: PageName, *, group: str = "", key: int = 0) -> str:
        """Return the path of a page below the site's root, of the group called ``group`` for rows of groups.

        ``key`` is the row's, for pages of one row.
        """
        owner = f"/g/{quote(group)}" if self.group_column is not None else ""
        return f"/plugins/{self.handle}{owner}/t/{self.name}/{_PATHS[page].format(key=key)}"

    def key_of(self, row: Any) -> int:
        """Return the key of a row."""
        return cast(int, getattr(row, self.key.key))

    def title_of(self, row: Any) -> str:
        """Return what names a row for people: its title column, else its first text, else "<label> <key>"."""
        text = getattr(row, self.title, None) if self.title else None
        return as_title("" if text is None else str(text)) or f"{self.label} {self.key_of(row)}"


def as_title(text: str) -> str:
    """Return a text as headings, links and notices can hold it: on one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_TITLE else f"{line[: LONGEST_TITLE - 1]}…"


@dataclass(frozen=True, kw_only=True)
class PluginPages:
    """The types of one plugin by name: those with pages, and why the others have none."""

    types: Mapping[str, PageType] = field(default_factory=dict)
    without: Mapping[str, str] = field(default_factory=dict)

    @property
    def scopes(self) -> frozenset[PageScope]:
        """Whose rows the pages show: of groups, of the site."""
        return frozenset(each.scope for each in self.types.values())


def pages_of(handle: str, manifest: Manifest, types: PluginTypes) -> PluginPages:
    """Return the pages of a plugin's types; LoadError for a declaration that its columns belie."""
    declared = {each.type: each for each in manifest.pages}
    for name in declared:
        if name not in types.own:
            rule = _("This type is not the plugin's own: pages are for those alone.")
            raise LoadError(handle, _in_words(name, PageFault("", name, rule)))
    known = {each.name: {one.name: one for one in each.fields} for each in manifest.object_types}
    found, without = {}, {}
    for name, own in types.own.items():
        said = declared.get(name, PagesDeclaration(type=name))
        fields = fields_of_type(own, known.get(name, {}))
        columns = {each: one.column for each, one in fields.items()}
        if said.only == ():
            without[name] = _("config.yml says that it has none.")
        elif name not in declared and not has_whole_key(columns):
            without[name] = _("Its key is not one whole number.")
        else:
            for fault in column_faults(said, columns):
                raise LoadError(handle, _in_words(name, fault))
            found[name] = _page_type(handle, own, said, fields)
    return PluginPages(types=found, without=without)


def install_page_types(app: Flask, pages: Mapping[str, PluginPages]) -> None:
    """Make these, by handle, the pages of the app's generation."""
    app.extensions[EXTENSION] = {handle: each.types for handle, each in pages.items()}


def page_types(app: Flask) -> Mapping[str, Mapping[str, PageType]]:
    """Return the types with pages of an app's generation: handle, then name; running plugins only."""
    found: Mapping[str, Mapping[str, PageType]] = app.extensions.get(EXTENSION, {})
    return found


def _page_type(
    handle: str, own: OwnType, said: PagesDeclaration, fields: Mapping[str, FieldDeclaration]
) -> PageType:
    (key,) = own.table.primary_key.columns
    group, user = (
        _owner(own.table, fields, GROUP, "groups"),
        _owner(own.table, fields, USER, "users"),
    )
    owners = [each.key for each in (group, user) if each is not None]
    asked = [
        _unasked(each) if each.name in owners else each
        for each in fields.values()
        if each.name != key.key
    ]
    texts = [each.name for each in asked if each.column.kind == "string"]
    scope: PageScope = "system" if group is None else "group"
    return PageType(
        handle=handle,
        name=own.name,
        model=own.model,
        table=own.table,
        key=key,
        fields=tuple(asked),
        group_column=group,
        user_column=user,
        label=said.singular,
        noun=said.noun,
        plural=said.many,
        title=said.title or next(iter(texts), ""),
        columns=said.columns or _listed(asked),
        sort=said.sort or key.key,
        descending=said.descending,
        offers=_offers(own.table, said, asked, owners),
        view="permission" if group is not None or said.view is None else said.view,
        view_permission=permission_of("view", handle, scope),
        edit_permission=permission_of("edit", handle, scope),
    )


def _owner(
    table: Table, fields: Mapping[str, FieldDeclaration], name: str, target: str
) -> Column[Any] | None:
    is_owner = name in fields and fields[name].column.references == target
    return table.c[name] if is_owner else None


def _unasked(owner: FieldDeclaration) -> FieldDeclaration:
    return replace(owner, edit=False)


def _listed(fields: list[FieldDeclaration]) -> tuple[str, ...]:
    """Return the first columns, long texts and the group left out where others are there."""
    short = [each.name for each in fields if each.column.kind != "text" and each.name != GROUP]
    return tuple(short or [each.name for each in fields])[:LISTED]


def _offers(
    table: Table, said: PagesDeclaration, fields: list[FieldDeclaration], owners: list[str]
) -> frozenset[PageName]:
    """Return the pages that there are; none to make a row where a form cannot ask for all that it needs."""
    offered = frozenset(PAGE_NAMES if said.only is None else said.only)
    given = {*owners, *(each.name for each in fields if each.edit)}
    needed = {each.key for each in table.columns if must_be_given(each)}
    return offered if needed <= given else offered - {"new"}


def _in_words(name: str, fault: PageFault) -> str:
    place = " > ".join(part for part in ("pages", name, fault.key) if part)
    return str(Fault(CONFIG_FILE, place, fault.value, fault.rule))
