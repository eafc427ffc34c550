"""The types of a plugin and the pages that the portal makes for them, as site admin tells of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import current_app, url_for
from flask_babel import gettext as _

from portal.pluginengine.engine import current_engine
from portal.pluginengine.hosting import core_types_of
from portal.pluginengine.manifest import (
    Manifest,
    ObjectTypeDeclaration,
    PageName,
    PagesDeclaration,
    PermissionDeclaration,
)
from portal.pluginengine.manifest.pages import (
    PAGE_NAMES,
    has_whole_key,
    is_of_groups,
    with_key,
)
from portal.pluginengine.objecttypes.pagetypes import PageType
from portal.pluginengine.overview import PluginStatus
from portal.pluginengine.pagepermissions import PageScope, with_permissions


@dataclass(frozen=True, kw_only=True)
class TypePages:
    """One type: ``pages`` names what there is of list, show, new, edit and delete; ``cause`` why there is none.

    ``scope`` is "group" or "system", None where it is not known; ``url`` leads to the list of the site's
    rows; ``rows`` are counted, None before there is a table.
    """

    name: str
    title: str
    pages: tuple[str, ...] = ()
    scope: PageScope | None = None
    cause: str = ""
    url: str = ""
    rows: int | None = None


def types_of(plugin: PluginStatus, tables: Mapping[str, int]) -> list[TypePages] | None:
    """Return the plugin's own types; None when they are not known, because it does not run.

    ``tables`` are the rows of its tables by name.
    """
    running = current_engine().plugins.get(plugin.handle)
    if running is None:
        return None
    found = []
    for name, own in running.types.own.items():
        page, rows = running.pages.types.get(name), tables.get(own.table.name)
        if page is None:
            cause = running.pages.without.get(name, "")
            title = _said(running.manifest, name).many
            found.append(TypePages(name=name, title=title, cause=cause, rows=rows))
        else:
            found.append(_with_pages(page, rows))
    return found


def foreseen_types(manifest: Manifest) -> list[TypePages]:
    """Return what can be told of a plugin's types before any of its code has run."""
    return [_foreseen(each, _said(manifest, each.name)) for each in _own_types(manifest)]


def permissions_of(plugin: PluginStatus) -> tuple[PermissionDeclaration, ...]:
    """Return the permissions that a plugin brings, those that come with its pages among them."""
    running = current_engine().plugins.get(plugin.handle)
    if running is not None:
        return running.manifest.permissions
    return foreseen_permissions(plugin.manifest) if plugin.manifest is not None else ()


def foreseen_permissions(manifest: Manifest) -> tuple[PermissionDeclaration, ...]:
    """Return the permissions that a plugin brings, as far as its files alone tell."""
    scopes = {each.scope for each in foreseen_types(manifest) if each.scope is not None}
    return with_permissions(manifest, scopes).permissions


def _with_pages(page: PageType, rows: int | None) -> TypePages:
    is_listed = page.group_column is None and "list" in page.offers
    url = url_for("types.list_rows", handle=page.handle, type_name=page.name) if is_listed else ""
    return TypePages(
        name=page.name,
        title=page.plural,
        pages=_words(page.offers),
        scope=page.scope,
        url=url,
        rows=rows,
    )


def _said(manifest: Manifest, name: str) -> PagesDeclaration:
    """Return what config.yml says of the pages of a type."""
    said = (each for each in manifest.pages if each.type == name)
    return next(said, PagesDeclaration(type=name))


def _foreseen(declared: ObjectTypeDeclaration, said: PagesDeclaration) -> TypePages:
    title = said.many
    if said.only == ():
        return TypePages(
            name=declared.name, title=title, cause=_("config.yml says that it has none.")
        )
    if declared.class_path is not None:
        cause = _("Its columns stand in the plugin's code; they are known when it runs.")
        return TypePages(name=declared.name, title=title, cause=cause)
    columns = with_key({each.name: each.column for each in declared.fields})
    if not has_whole_key(columns):
        cause = _("Its key is not one whole number.")
        return TypePages(name=declared.name, title=title, cause=cause)
    scope: PageScope = "group" if is_of_groups(columns) else "system"
    offers = frozenset(PAGE_NAMES if said.only is None else said.only)
    return TypePages(name=declared.name, title=title, pages=_words(offers), scope=scope)


def _own_types(manifest: Manifest) -> Iterator[ObjectTypeDeclaration]:
    core = core_types_of(current_app)
    yield from (each for each in manifest.object_types if core.find(each.name) is None)


def _words(offers: frozenset[PageName]) -> tuple[str, ...]:
    words: dict[PageName, str] = {
        "list": _("list"),
        "show": _("single pages"),
        "new": _("add"),
        "edit": _("change"),
        "delete": _("delete"),
    }
    return tuple(word for name, word in words.items() if name in offers)
