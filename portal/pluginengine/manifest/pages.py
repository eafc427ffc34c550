"""Judges `pages`: how the pages that the portal makes for a plugin's own types show them.

What a declaration says of columns is judged once the columns are known: here for types whose columns
stand in YAML, while the plugin is loaded for those that are classes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final, NamedTuple, cast, get_args

from flask_babel import gettext as _

from portal.pluginengine.columns import INTEGER_RANGES, ColumnDefinition, primary_key_of
from portal.pluginengine.errors import BadValue, Fault
from portal.pluginengine.manifest.entry import Entry, with_nearest
from portal.pluginengine.manifest.values import (
    Manifest,
    ObjectTypeDeclaration,
    PageName,
    PagesDeclaration,
    PageViewers,
    Scope,
)

PAGES_KEYS: Final = ("label", "plural", "title", "columns", "sort", "descending", "only", "view")
PAGE_NAMES: Final[tuple[PageName, ...]] = get_args(PageName)
VIEWERS: Final[tuple[PageViewers, ...]] = get_args(PageViewers)

KEY: Final = "id"
"""The column that a type gets which declares no primary key (M-18)."""
GROUP: Final = "group_id"
"""The column that makes the rows of a type those of groups, when it refers to groups."""


class PageFault(NamedTuple):
    """What is wrong with the declaration of one type: at which of its keys, the value, the rule."""

    key: str
    value: str
    rule: str


def pages(entry: Entry, scopes: Collection[Scope] | None) -> tuple[PagesDeclaration, ...]:
    """Every declaration, in the order of the file, as far as it can be judged without the columns.

    ``scopes`` are the plugin's switches as given, None when they follow from its hooks.
    """
    return tuple(_one(name, place, scopes) for name, place in entry.entries())


def _one(name: str, place: Entry, scopes: Collection[Scope] | None) -> PagesDeclaration:
    at = place.fields(PAGES_KEYS)
    if at["view"].value == "everybody" and scopes is not None and "site" not in scopes:
        at["view"].warn(_("Only people who are logged in come here: scope does not name site."))

    def page(item: Entry) -> PageName | None:
        return cast(PageName | None, item.one_of(PAGE_NAMES))

    only: tuple[PageName, ...] = at["only"].distinct(page)
    return PagesDeclaration(
        type=name,
        label=at["label"].text(),
        plural=at["plural"].text(),
        title=at["title"].text(),
        columns=at["columns"].distinct(lambda item: item.text(required=True) or None),
        sort=at["sort"].text(),
        descending=bool(at["descending"].flag()),
        only=None if at["only"].is_absent else only,
        view=cast(PageViewers | None, at["view"].one_of(VIEWERS)),
    )


def faults_in(file: str, manifest: Manifest) -> list[Fault]:
    """Return what is wrong with the declarations, the types of the manifest being known."""
    types = {each.name: each for each in manifest.object_types}
    found = []
    for each in manifest.pages:
        for fault in _faults(each, types):
            place = " > ".join(part for part in ("pages", each.type, fault.key) if part)
            found.append(Fault(file, place, fault.value, fault.rule))
    return found


def _faults(
    declared: PagesDeclaration, types: Mapping[str, ObjectTypeDeclaration]
) -> Iterable[PageFault]:
    known = types.get(declared.type)
    if known is None:
        rule = _("object_types declares no such type; pages are for the plugin's own.")
        return [PageFault("", declared.type, with_nearest(rule, declared.type, types))]
    if known.class_path is not None or not known.fields:
        return ()
    return column_faults(declared, with_key({each.name: each.column for each in known.fields}))


def with_key(columns: Mapping[str, ColumnDefinition]) -> dict[str, ColumnDefinition]:
    """Return the columns of a type as its table has them: with an ``id`` in front when none is the key."""
    try:
        is_added = primary_key_of(columns) is None
    except BadValue:  # told where the columns are judged
        return dict(columns)
    added = ColumnDefinition(text="integer primary key", kind="integer", primary_key=True)
    return {KEY: added, **columns} if is_added else dict(columns)


def is_of_groups(columns: Mapping[str, ColumnDefinition]) -> bool:
    """Tell whether rows with these columns belong to groups."""
    return GROUP in columns and columns[GROUP].references == "groups"


def has_whole_key(columns: Mapping[str, ColumnDefinition]) -> bool:
    """Tell whether one whole number names a row, as the addresses of pages need it."""
    keys = [each for each in columns.values() if each.primary_key]
    return len(keys) == 1 and keys[0].kind in INTEGER_RANGES


def column_faults(
    declared: PagesDeclaration, columns: Mapping[str, ColumnDefinition]
) -> Iterator[PageFault]:
    """Yield what is wrong with a declaration for a type of these columns, its key among them."""
    if declared.only != () and not has_whole_key(columns):
        rule = _("The type has no pages: its key is not one whole number.")
        yield PageFault("", declared.type, rule)
    named = [("title", declared.title), ("sort", declared.sort)]
    for key, name in (*named, *(("columns", each) for each in declared.columns)):
        if name and name not in columns:
            rule = _("The type has no such column that pages can show.")
            yield PageFault(key, name, with_nearest(rule, name, columns))
        elif name and columns[name].kind == "blob":
            yield PageFault(key, name, _("Bytes cannot be shown; name another column."))
    if declared.title in columns and columns[declared.title].references is not None:
        rule = _("A row is not called by whom it refers to; name a column with a text of its own.")
        yield PageFault("title", declared.title, rule)
    if declared.sort in columns and columns[declared.sort].kind == "text":
        rule = _(
            "Lists are not sorted by a column of kind text; name another, or make it a string."
        )
        yield PageFault("sort", declared.sort, rule)
    if declared.view is not None and is_of_groups(columns):
        rule = _(
            "Whoever sees the group sees rows with a group_id. Declare the permission group.<handle>_view"
            " under permissions to have it given in roles."
        )
        yield PageFault("view", declared.view, rule)
