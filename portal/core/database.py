"""The database: one engine per process and address, whatever the number of app generations.

Flask-SQLAlchemy makes an engine per app and a session per app context; a swap would then lose the
pool, and a callback run with the candidate app would wait for its own caller (engineering A10).
Here the session's scope is the unit of work.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import MetaData, engine_from_config, event
from sqlalchemy.engine import Connection, Engine, ExceptionContext, make_url
from sqlalchemy.orm import DeclarativeBase, InstanceState, SessionTransaction, scoped_session
from sqlalchemy.util import ScopedRegistry

from portal.core.cutstatements import keep_connection
from portal.core.transactions import (
    INSTEAD_OF_TRANSACTION,
    is_guarded,
    lending,
    prepare_engine,
    refuse_if_guarded,
)
from portal.core.units import current_unit, find_unit

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


#: What to do instead of dropping rows that the page still shows.
INSTEAD_OF_FORGETTING = "Its rows are in use; db.session.refresh(row) reads one anew."

#: The parameters of a failed statement (hashes of passwords, tokens, mails) stay out of logs and incidents.
ENGINE_OPTIONS = {"pool_size": 5, "max_overflow": 10, "hide_parameters": True}


class PortalSession(Session):
    """The session of a unit of work; plugin code may flush it, never end it (engineering A4)."""

    def commit(self) -> None:
        """Commit; refused while plugin code runs."""
        refuse_if_guarded("session.commit()")
        super().commit()

    def rollback(self) -> None:
        """Roll back; refused while plugin code runs."""
        refuse_if_guarded("session.rollback()")
        super().rollback()

    def close(self) -> None:
        """Close; refused while plugin code runs."""
        refuse_if_guarded("session.close()")
        super().close()

    def invalidate(self) -> None:
        """Invalidate the connections; refused while plugin code runs."""
        refuse_if_guarded("session.invalidate()")
        super().invalidate()

    def reset(self) -> None:
        """Reset; refused while plugin code runs."""
        refuse_if_guarded("session.reset()")
        super().reset()

    def prepare(self) -> None:
        """Prepare a two-phase commit; refused while plugin code runs."""
        refuse_if_guarded("session.prepare()")
        super().prepare()

    def get_transaction(self) -> SessionTransaction | None:
        """Return the transaction; refused while plugin code runs, because it could be ended."""
        refuse_if_guarded("session.get_transaction()", INSTEAD_OF_TRANSACTION)
        return super().get_transaction()

    def get_nested_transaction(self) -> SessionTransaction | None:
        """Return the savepoint; refused while plugin code runs, because it may be the host's."""
        refuse_if_guarded("session.get_nested_transaction()", INSTEAD_OF_TRANSACTION)
        return super().get_nested_transaction()

    def _connection_for_bind(self, engine: Engine | Connection, *options: Any, **more: Any) -> Any:
        if not is_guarded() or not self._is_the_units():
            return super()._connection_for_bind(engine, *options, **more)
        with lending():
            return super()._connection_for_bind(engine, *options, **more)

    def _is_the_units(self) -> bool:
        """Tell whether this is the running unit's session, and none that somebody made besides."""
        unit = find_unit()
        return unit is not None and db.session.registry.registry.get(unit) is self

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        """Write what has changed; the connection may be needed for the first time."""
        if not is_guarded() or not self._is_the_units():
            super().flush(objects)
            return
        with lending():
            super().flush(objects)

    def is_clean(self) -> bool:
        """Tell whether nothing waits to be flushed; cheaper than looking at ``new`` and ``dirty``."""
        return not (self._new or self._deleted or self.identity_map.check_modified())

    def _expunge_states(
        self, states: Iterable[InstanceState[Any]], to_transient: bool = False
    ) -> None:
        """Forget objects (``expunge``, ``make_transient``); refused for core rows while plugin code runs.

        ``to_transient`` is SQLAlchemy's own, when a savepoint with new rows is rolled back.
        """
        found = list(states)
        if not to_transient and any(isinstance(each.obj(), OwnTables) for each in found):
            refuse_if_guarded("Making the session forget a core row", INSTEAD_OF_FORGETTING)
        super()._expunge_states(found, to_transient)

    def expire(self, instance: object, attribute_names: Iterable[str] | None = None) -> None:
        """Drop what is known of an object; refused for a core row while plugin code runs."""
        if isinstance(instance, OwnTables):
            refuse_if_guarded("session.expire() of a core row", INSTEAD_OF_FORGETTING)
        super().expire(instance, attribute_names)

    def expire_all(self) -> None:
        """Drop what is known of every object; refused while plugin code runs."""
        refuse_if_guarded("session.expire_all()", INSTEAD_OF_FORGETTING)
        super().expire_all()

    def expunge_all(self) -> None:
        """Forget every object; refused while plugin code runs."""
        refuse_if_guarded("session.expunge_all()")
        super().expunge_all()


class UnitRegistry(ScopedRegistry[Session]):
    """The sessions of the units of work; plugin code may not put another in the place of its request's."""

    def set(self, obj: Session) -> None:
        """Set the unit's session; refused while plugin code runs."""
        refuse_if_guarded("session.registry.set()")
        super().set(obj)

    def clear(self) -> None:
        """Forget the unit's session; refused while plugin code runs, unless there is none."""
        if self.has():
            refuse_if_guarded("session.registry.clear()")
        super().clear()


class OwnTables:
    """Lets only the portal's own modules make core tables: what plugins add here would never go away."""

    def __init_subclass__(cls, **options: Any) -> None:
        """Refuse, with TypeError, a class from elsewhere; called before its table is made."""
        if cls.__module__.partition(".")[0] != __name__.partition(".")[0]:
            raise TypeError(
                f"{cls.__qualname__} would be a table of the portal's core. A plugin derives its models "
                "from a base of its own: Model = plugin_model()."
            )
        super().__init_subclass__(**options)


class Base(OwnTables, DeclarativeBase):
    """What Flask-SQLAlchemy makes the base class of core tables from."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)


class Database(SQLAlchemy):
    """Flask-SQLAlchemy with process-wide engines and sessions scoped by unit of work."""

    def __init__(self, **options: Any) -> None:
        self._process_engines: dict[str, Engine] = {}
        self._engine_lock = Lock()
        os.register_at_fork(after_in_child=self._leave_connections)
        super().__init__(**options)

    def engine_for(self, url: str, **options: Any) -> Engine:
        """Return the process's engine for ``url``, making and preparing it the first time."""
        key = make_url(url).render_as_string(hide_password=False)
        with self._engine_lock:
            engine = self._process_engines.get(key)
            if engine is None:
                engine = engine_from_config({**ENGINE_OPTIONS, **options, "url": url}, prefix="")
                prepare_engine(engine)
                event.listen(engine, "before_cursor_execute", _count)
                event.listen(engine, "handle_error", _poison)
                event.listen(engine, "handle_error", keep_connection)
                event.listen(engine, "rollback_savepoint", _heal)
                self._process_engines[key] = engine
        return engine

    def _leave_connections(self) -> None:
        """In a forked process: leave the connections of the pools to the parent, which goes on using them."""
        for engine in self._process_engines.values():
            engine.dispose(close=False)

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Flask) -> Engine:
        return self.engine_for(**options)

    def _make_scoped_session(self, options: dict[str, Any]) -> scoped_session[Session]:
        session = super()._make_scoped_session(options)
        session.registry = UnitRegistry(session.session_factory, current_unit)
        return session

    def _teardown_session(self, exc: BaseException | None) -> None:
        """Leave the session alone: it ends with its unit of work, not with an app context."""

    def dispose_engine(self, url: str) -> None:
        """Close the pool of ``url`` and forget it; for tests that throw their database away."""
        with self._engine_lock:
            engine = self._process_engines.pop(
                make_url(url).render_as_string(hide_password=False), None
            )
        if engine is not None:
            engine.dispose()


def _count(*_statement: object) -> None:
    """Count a statement of the unit of work."""
    unit = find_unit()
    if unit is not None:
        unit.statements += 1


def _poison(context: ExceptionContext) -> None:
    """Note in the unit of work that its transaction met an error (PostgreSQL has aborted it)."""
    unit = find_unit()
    if unit is not None:
        unit.poisoned = True


def _heal(connection: Connection, name: str, context: object) -> None:
    """Note that the error, met inside a savepoint, went with it: the transaction answers again."""
    unit = find_unit()
    if unit is not None:
        unit.poisoned = False


db = Database(
    model_class=Base,
    disable_autonaming=True,
    session_options={
        "class_": PortalSession,
        "scopefunc": current_unit,
        "expire_on_commit": False,
    },
)

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model
