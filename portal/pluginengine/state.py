"""The site's plugin state as one frozen value: what an app generation is built from (engineering A10).

An app never reads the plugin tables itself; it is handed a ``SiteState``, so that an operation can
build the generation that its own, uncommitted transaction is about to make true.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from sqlalchemy import Executable, inspect, select
from sqlalchemy.engine import Connection, CursorResult
from sqlalchemy.exc import OperationalError, ProgrammingError

from portal.pluginengine.models import HandlerRow, OperationRow, PluginRow, SiteRow


class Executes(Protocol):
    """A session or a connection: whatever can execute a statement."""

    def execute(self, statement: Executable, /) -> Any:
        """Run the statement."""
        ...


@dataclass(frozen=True, kw_only=True)
class PluginRecord:
    """A row of ``plugins`` as the engine needs it at run time.

    ``is_settling`` says that the operation that asks is about to bring its tables up to its code.
    """

    plugin_id: int
    handle: str
    code: str
    name: str
    version: str
    schema_version: str | None
    enabled: bool
    initialized: bool
    load_state: str
    last_error: str | None
    group_policy: str
    user_policy: str
    archive: str | None = None
    is_settling: bool = False

    @property
    def runs(self) -> bool:
        """True when the site wants its code loaded: enabled, installed and not quarantined."""
        return self.enabled and self.initialized and self.load_state == "ok"


@dataclass(frozen=True, kw_only=True)
class HandlerRecord:
    """A live row of the handler table."""

    handler_id: int
    event: str
    priority: int
    plugin_id: int
    handler: str
    handler_type: str
    enabled: bool

    @property
    def effective(self) -> int:
        """The priority in force; 0 stands for switched off (P-03)."""
        return self.priority if self.enabled else 0


@dataclass(frozen=True, kw_only=True)
class SiteState:
    """Everything about plugins that distinguishes one app generation from another.

    ``held`` maps the handles of plugins that are silent while an operation works on them to its verb.
    """

    generation: int = 0
    plugins: tuple[PluginRecord, ...] = ()
    handlers: tuple[HandlerRecord, ...] = ()
    held: Mapping[str, str] = field(default_factory=dict)
    by_handle: Mapping[str, PluginRecord] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the records by handle."""
        object.__setattr__(self, "by_handle", {each.handle: each for each in self.plugins})

    def settling(self, handle: str) -> SiteState:
        """Return this state for an operation that brings the tables of a plugin up to its code."""
        plugins = (
            replace(each, is_settling=True) if each.handle == handle else each
            for each in self.plugins
        )
        return replace(self, plugins=tuple(plugins))


def read_state(source: Executes) -> SiteState:
    """Read the state through ``source``; uncommitted changes of the same transaction included.

    Deleted plugins and handlers are left out (E-05, E-15).
    """
    generation = source.execute(select(SiteRow.generation)).scalar() or 0
    plugins = source.execute(
        select(PluginRow.__table__).where(PluginRow.delete_flg == 0).order_by(PluginRow.plugin_id)
    )
    handlers = source.execute(
        select(HandlerRow.__table__)
        .where(HandlerRow.delete_flg == 0)
        .order_by(HandlerRow.event, HandlerRow.priority.desc(), HandlerRow.handler_id)
    )
    held = source.execute(
        select(OperationRow.held, OperationRow.verb).where(
            OperationRow.step == "begun", OperationRow.held != ""
        )
    )
    return SiteState(
        generation=generation,
        plugins=tuple(_plugin(row) for row in plugins),
        handlers=tuple(_handler(row) for row in handlers),
        held={row.held: row.verb for row in held},
    )


def read_generation(connection: Connection) -> int:
    """Return the site's generation; 0 when there is no row or no table yet."""
    try:
        result: CursorResult[Any] = connection.execute(select(SiteRow.generation))
    except (OperationalError, ProgrammingError):
        return 0
    return int(result.scalar() or 0)


def has_tables(connection: Connection) -> bool:
    """Tell whether the core migrations have run, as far as the engine's tables tell."""
    return inspect(connection).has_table(SiteRow.__tablename__)


def _plugin(row: Any) -> PluginRecord:
    return PluginRecord(
        plugin_id=row.plugin_id,
        handle=row.plugin_name,
        code=row.code,
        name=row.name,
        version=row.version,
        schema_version=row.schema_version,
        enabled=bool(row.enable),
        initialized=bool(row.initialized),
        load_state=row.load_state,
        last_error=row.last_error,
        group_policy=row.group_policy,
        user_policy=row.user_policy,
        archive=row.archive,
    )


def _handler(row: Any) -> HandlerRecord:
    return HandlerRecord(
        handler_id=row.handler_id,
        event=row.event,
        priority=row.priority,
        plugin_id=row.plugin_id,
        handler=row.handler,
        handler_type=row.handler_type,
        enabled=bool(row.enable),
    )
