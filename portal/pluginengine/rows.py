"""The rows behind a plugin: writing and removing its line in ``plugins`` and its lines in the handler table."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _
from sqlalchemy import delete, or_, select

from portal.core.database import db
from portal.pluginengine import priorities
from portal.pluginengine.errors import Refused
from portal.pluginengine.links import declared_links
from portal.pluginengine.manifest import HandlerDeclaration, Manifest
from portal.pluginengine.models import HandlerRow, PluginRow
from portal.pluginengine.personalrecord import write_declarations


def find_row(code: str) -> PluginRow | None:
    """Return the live row of a plugin by code (any case) or handle, or None."""
    wanted = code.lower()
    query = select(PluginRow).where(PluginRow.delete_flg == 0)
    by_code = db.session.scalars(query.where(PluginRow.code_ci == wanted)).one_or_none()
    return by_code or db.session.scalars(query.where(PluginRow.plugin_name == wanted)).one_or_none()


def is_run_from(archive: str) -> bool:
    """Tell whether a plugin runs from an archive, by SHA-256, or ran from it before its last update."""
    query = select(PluginRow.plugin_id).where(
        or_(PluginRow.archive == archive, PluginRow.previous_archive == archive)
    )
    return db.session.scalars(query).first() is not None


def find_deleted(code: str, handle: str) -> PluginRow | None:
    """Return the row that an uninstalled plugin left behind, by code (any case) or handle, or None."""
    same = or_(PluginRow.code_ci == code.lower(), PluginRow.plugin_name == handle)
    query = select(PluginRow).where(PluginRow.delete_flg == 1, same)
    return db.session.scalars(query.order_by(PluginRow.plugin_id)).first()


def insert_row(manifest: Manifest) -> PluginRow:
    """Insert the master row, disabled (E-37, 2.2.2), or revive the one of an uninstalled plugin.

    A revived plugin keeps its key, and with it the choices of groups and people and the policies.
    Raises ``Refused`` when an uninstalled plugin has the handle or the code, but not both.
    """
    row = find_deleted(manifest.code, manifest.handle)
    if row is None:
        row = PluginRow(group_policy=manifest.policy.group, user_policy=manifest.policy.user)
    elif (row.code_ci, row.plugin_name) != (manifest.code.lower(), manifest.handle):
        raise Refused(
            _(
                "The uninstalled plugin %(name)s still has the code %(code)s and the handle %(handle)s.",
                name=row.name,
                code=row.code,
                handle=row.plugin_name,
            ),
            _("Purge it first, so that nothing of it is mistaken for the new plugin's."),
        )
    describe(row, manifest)
    row.enable, row.initialized, row.delete_flg = 0, 0, 0
    row.load_state, row.last_error = "ok", None
    db.session.add(row)
    db.session.flush()
    return row


def describe(row: PluginRow, manifest: Manifest) -> None:
    """Write what the manifest says into the master row (E-37), and into the record of personal data."""
    row.plugin_name = manifest.handle
    row.plugin_desc = manifest.description or None
    row.name = manifest.name
    row.code = manifest.code
    row.code_ci = manifest.code.lower()
    row.version = manifest.version
    row.event_class = manifest.event or ""
    row.class_path = str(manifest.class_path) if manifest.class_path else None
    row.author = manifest.author or None
    row.manifest = dict(manifest.raw)
    write_declarations(manifest.handle, manifest.personal_data)


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


def bury(row: PluginRow) -> None:
    """Mark a plugin as uninstalled: its row stays for a reinstallation, its handlers free their numbers.

    A buried handler keeps a number below every band (E-05, E-15, 2.3.1).
    """
    row.enable, row.initialized, row.delete_flg = 0, 0, 1
    row.load_state, row.last_error = "ok", None
    row.archive = row.previous_archive = None
    own = select(HandlerRow).where(
        HandlerRow.plugin_id == row.plugin_id, HandlerRow.delete_flg == 0
    )
    for each in db.session.scalars(own).all():
        each.delete_flg, each.priority = 1, priorities.tombstone(each.handler_id)
    db.session.flush()


def remove(row: PluginRow) -> None:
    """Delete the row and, through the cascades, every row that refers to it (seed 004)."""
    db.session.execute(delete(HandlerRow).where(HandlerRow.plugin_id == row.plugin_id))
    db.session.delete(row)
    db.session.flush()
