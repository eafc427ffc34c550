"""The rows behind a plugin: writing and removing its line in ``plugins`` and its lines in the handler table."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, select

from portal.core.database import db
from portal.pluginengine import priorities
from portal.pluginengine.errors import Refused
from portal.pluginengine.links import declared_links
from portal.pluginengine.manifest import HandlerDeclaration, Manifest
from portal.pluginengine.models import HandlerRow, PluginRow


def find_row(code: str) -> PluginRow | None:
    """Return the live row of a plugin by code (any case) or handle, or None."""
    wanted = code.lower()
    query = select(PluginRow).where(PluginRow.delete_flg == 0)
    by_code = db.session.scalars(query.where(PluginRow.code_ci == wanted)).one_or_none()
    return by_code or db.session.scalars(query.where(PluginRow.plugin_name == wanted)).one_or_none()


def insert_row(manifest: Manifest) -> PluginRow:
    """Insert the master row, disabled (E-37, 2.2.2)."""
    row = PluginRow(
        plugin_name=manifest.handle,
        plugin_desc=manifest.description or None,
        name=manifest.name,
        code=manifest.code,
        code_ci=manifest.code.lower(),
        version=manifest.version,
        event_class=manifest.event or "",
        class_path=str(manifest.class_path) if manifest.class_path else None,
        author=manifest.author or None,
        group_policy=manifest.policy.group,
        user_policy=manifest.policy.user,
        manifest=dict(manifest.raw),
        enable=0,
        initialized=0,
    )
    db.session.add(row)
    db.session.flush()
    return row


def insert_handlers(row: PluginRow, manifest: Manifest) -> None:
    """Give each handler of event.yml, then each link of config.yml, its place in the handler table.

    In file order (E-38, P-04 to P-06). Raises ``Refused`` when a band is full.
    """
    place_handlers(row, (*manifest.handlers, *declared_links(manifest)))


def place_handlers(row: PluginRow, handlers: Iterable[HandlerDeclaration]) -> None:
    """Bring the plugin's lines of the handler table in accord with what it declares now (2.2.3).

    A handler whose type is unchanged keeps its number and its switch; one of another type, or new,
    gets the next number of its band, in this order (R-18); one that is gone frees its number.
    Raises ``Refused`` when a band is full.
    """
    declarations = list(handlers)
    wanted = {(each.event, each.handler): each.type for each in declarations}
    placed: set[tuple[str, str]] = set()
    own = select(HandlerRow).where(
        HandlerRow.plugin_id == row.plugin_id, HandlerRow.delete_flg == 0
    )
    for each in list(db.session.scalars(own)):
        if wanted.get((each.event, each.handler)) == each.handler_type:
            placed.add((each.event, each.handler))
        else:
            db.session.delete(each)
    db.session.flush()
    for declared in declarations:
        if (declared.event, declared.handler) in placed:
            continue
        placed.add((declared.event, declared.handler))
        used = db.session.scalars(
            select(HandlerRow.priority).where(HandlerRow.event == declared.event)
        )
        try:
            priority = priorities.allocate(used, declared.type, declared.event)
        except priorities.PriorityBandFull as error:
            raise Refused(str(error)) from error
        db.session.add(
            HandlerRow(
                event=declared.event,
                priority=priority,
                plugin_id=row.plugin_id,
                handler=declared.handler,
                handler_type=declared.type,
            )
        )
        db.session.flush()


def remove(row: PluginRow) -> None:
    """Delete the row and, through the cascades, every row that refers to it (seed 004)."""
    db.session.execute(delete(HandlerRow).where(HandlerRow.plugin_id == row.plugin_id))
    db.session.delete(row)
    db.session.flush()
