"""The end of an account in the tables of plugins: rows about the person go, or lose the person."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import Delete, Update, delete, update
from sqlalchemy.exc import DBAPIError

from portal.core.database import db
from portal.core.errors import Conflict
from portal.core.units import current_unit
from portal.pluginengine.context import running_as
from portal.pluginengine.operations import is_lock_timeout
from portal.pluginengine.personaldata.places import Person, Place, places

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Erased:
    """What was done: rows deleted and rows emptied, by table; ``faults`` name what could not be looked at."""

    deleted: dict[str, int]
    emptied: dict[str, int]
    faults: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """True when there is anything to tell."""
        return bool(self.deleted or self.emptied or self.faults)


def erase(person: Person, known: Sequence[Place] | None = None) -> Erased:
    """Take a person out of every table that plugins declare, and out of the fields that they add to people.

    In the running transaction, as the host, whatever state the plugins are in: no code of theirs runs. A
    row follows its foreign key: ON DELETE SET NULL empties the column, everything else deletes the row;
    what refers to that row follows by its own keys. Raises ``Conflict``, naming the table, when the
    database refuses, so that no account goes while data about it stay. ``known`` are the places, for
    whoever erases many people.
    """
    deleted: dict[str, int] = {}
    emptied: dict[str, int] = {}
    faults: list[str] = []
    with running_as(None):
        db.session.flush()
        for place in places(db.session.connection()) if known is None else known:
            if place.fault:
                logger.error("Personal data of plugin %s: %s", place.handle, place.fault)
                faults.append(f"{place.handle}: {place.fault}")
                continue
            done = emptied if place.rule == "empty" else deleted
            count = _carry_out(place, person)
            if count:
                done[place.table] = done.get(place.table, 0) + count
        _forget_read()
    return Erased(deleted=deleted, emptied=emptied, faults=tuple(faults))


def _carry_out(place: Place, person: Person) -> int:
    """Empty or delete the rows of one place; return how many."""
    own, about = place.rows_about(person)
    statement: Update | Delete = delete(own).where(about)
    if place.rule == "empty":
        statement = update(own).where(about).values({place.column: None})
    unit = current_unit()
    savepoint = db.session.begin_nested()
    try:
        count = db.session.connection().execute(statement).rowcount
    except DBAPIError as error:
        savepoint.rollback()
        unit.poisoned = False
        if is_lock_timeout(error):
            raise
        logger.exception("Rows about a person stay in %s", place.table)
        raise Conflict(
            _(
                "What plugin %(handle)s holds in %(table)s cannot be deleted.",
                handle=place.handle,
                table=place.table,
            ),
            _("The log says why. Purge the plugin, or ask its author."),
        ) from error
    savepoint.commit()
    return count


def _forget_read() -> None:
    """Forget what was read of the fields of people, so that nobody finds it there any more."""
    cache = current_unit().cache
    for key in [key for key in cache if isinstance(key, tuple) and key[:1] == ("extension",)]:
        del cache[key]
