"""Reading and writing one row of a type: bound to its group, judged by its class, whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import BigInteger, SmallInteger, select
from sqlalchemy.exc import DataError, IntegrityError

from portal.core.database import db
from portal.core.errors import Conflict, LoginRequired, NotFound
from portal.objectpages.lists import within
from portal.objectpages.places import Place
from portal.objectpages.plugincode import allows, call, method_of
from portal.pluginengine.columns import INTEGER_RANGES
from portal.web.current import current


def find_row(place: Place, key: int) -> Any:
    """Return the row with that key, of the place's group; NotFound for none that the viewer may see."""
    page = place.page
    if key <= _largest_key(place):
        row = db.session.scalars(
            within(place, select(page.model).where(page.key == key))
        ).one_or_none()
        if row is not None and allows(place, row, "may_view"):
            return row
    raise _not_there(place)


def _not_there(place: Place) -> NotFound:
    return NotFound(_("There is no such %(noun)s here.", noun=place.page.noun))


def lock_row(place: Place, key: int) -> None:
    """See to it that nobody else changes the row with that key before the transaction ends."""
    if key <= _largest_key(place):
        db.session.execute(select(place.page.key).where(place.page.key == key).with_for_update())


def digest_of(place: Place, key: int) -> str:
    """Return what tells one state of a row from every other: a digest of all its stored values.

    Raises NotFound for a row that is gone since it was found.
    """
    query = select(place.page.table).where(place.page.key == key)
    values = db.session.execute(query).one_or_none()
    if values is None:
        raise _not_there(place)
    return hashlib.sha256(repr(tuple(values)).encode()).hexdigest()


def create_row(place: Place, values: Mapping[str, Any]) -> int:
    """Add a row of the place's group and of the viewer, and return its key.

    Raises Veto and Invalid for what the class refuses, Conflict for what the database does, PieceFailed.
    """
    page = place.page
    owners: dict[str, Any] = {}
    if page.group_column is not None:
        owners[page.group_column.key] = place.group.group_id
    if page.user_column is not None:
        if current.viewer is None and not page.user_column.nullable:
            raise LoginRequired(_("Please log in: this is kept under the name of who adds it."))
        owners[page.user_column.key] = current.viewer and current.viewer.user_id

    def add() -> int:
        row = page.model(**values, **owners)
        db.session.add(row)
        _check(row)
        db.session.flush()
        return int(page.key_of(row))  # fails for a row that the class took out again

    return _judged(place, "new", add)


def change_row(place: Place, row: Any, values: Mapping[str, Any]) -> None:
    """Change a row. Raises as ``create_row`` does; it then stays as it is."""

    def change() -> None:
        for name, value in values.items():
            setattr(row, name, value)
        _check(row)
        db.session.flush()

    _judged(place, "edit", change)


def delete_row(place: Place, row: Any) -> None:
    """Delete a row; Conflict when something else refers to it, and what a failing class raises."""

    def delete() -> None:
        db.session.delete(row)
        db.session.flush()

    _judged(place, "delete", delete)


def _check(row: Any) -> None:
    """Let the class say what is wrong with a row before it is written: ``check_save``."""
    check = method_of(row, "check_save")
    if check is not None:
        with db.session.no_autoflush:
            check()


def _judged(place: Place, what: str, write: Any) -> Any:
    page = place.page
    try:
        return call(page.handle, f"{page.model.__name__} ({what})", write)
    except (IntegrityError, DataError) as refused:
        if what == "delete" and isinstance(refused, IntegrityError):
            raise Conflict(
                _("Something else still refers to this; delete that first.")
            ) from refused
        raise Conflict(
            _(
                "The database refused these values: one that may be there only once is taken, one that is"
                " needed is missing, or one is beyond what its column holds. Nothing was saved."
            )
        ) from refused


def _largest_key(place: Place) -> int:
    kind = place.page.key.type
    for own, name in ((SmallInteger, "smallint"), (BigInteger, "bigint")):
        if isinstance(kind, own):
            return INTEGER_RANGES[name][1]
    return INTEGER_RANGES["integer"][1]
