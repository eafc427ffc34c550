"""What the audit log tells of a plugin's settings, and that it is found by index on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Select, event, insert, select, text

from portal.core.audit.models import AuditEntry
from portal.core.audit.queries import entries_beginning
from portal.core.clock import now
from portal.core.database import db
from portal.core.unit_of_work import unit_of_work
from portal.pluginengine.settings.history import changed_names, changes_of, changes_on_site
from portal.siteadmin.pluginlog import LOG, log_params
from tests.factories import make_group, make_user

BY_OBJECT = "ix_audit_log_object_kind_object_name_happened_at_audit_id"
BY_GROUP = "ix_audit_log_group_id_happened_at_audit_id"
BY_PERSON = "ix_audit_log_user_id_happened_at_audit_id"
NOISE = 4_000


def entry(number: int, kind: str, name: str, **owner: Any) -> dict[str, Any]:
    """Return a row of the audit log."""
    values = {"group_id": None, "group_name": "", "user_id": None, "user_name": "", **owner}
    happened_at = now() - timedelta(minutes=number)
    values |= {"happened_at": happened_at, "action": "a.b", "object_kind": kind}
    return {**values, "object_name": name, "old_values": {}, "new_values": {}}


def plan(statement: Select[Any], **params: Any) -> str:
    """Return how the database runs the statement."""
    connection = db.session.connection()
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, text: str, parameters: Any, *_rest: Any) -> None:
        sent.append((text, parameters))

    event.listen(connection, "before_cursor_execute", note)
    connection.execute(statement, params)
    event.remove(connection, "before_cursor_execute", note)
    word = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    ((asked, parameters),) = sent
    return "\n".join(map(str, connection.exec_driver_sql(f"{word} {asked}", parameters)))


def test_changes_are_found_by_index(app: Flask) -> None:
    """Of a plugin, of its log, of one group, of one person: no page of them reads the whole audit log."""
    with app.app_context(), unit_of_work("write"):
        ada, apollo = make_user("ada"), make_group("apollo")
        rows = [entry(each, "group", f"group{each % 97}") for each in range(NOISE)]
        rows += [entry(each, "setting", f"other{each % 50}.rows") for each in range(NOISE)]
        rows += [entry(each, "setting", "hello.rows") for each in range(5)]
        rows.append(entry(6, "setting", "hello.rows", group_id=apollo.group_id))
        rows.append(entry(7, "setting", "hello.rows", user_id=ada.user_id))
        db.session.execute(insert(AuditEntry), rows)
        db.session.execute(text("ANALYZE"))
        log = plan(select(LOG), **log_params("Hello", "hello"))
        site = plan(changes_on_site("hello"))
        group = plan(changes_of("hello", apollo).order_by(AuditEntry.happened_at.desc()).limit(5))
        person = plan(changes_of("hello", ada).order_by(AuditEntry.happened_at.desc()).limit(5))
    assert BY_OBJECT in site
    assert BY_OBJECT in log
    assert "Seq Scan on audit_log" not in log
    assert BY_GROUP in group or BY_OBJECT in group
    assert BY_PERSON in person or BY_OBJECT in person
    for each in (site, group, person):
        assert "SCAN audit_log" not in each
        assert "Seq Scan" not in each


@pytest.mark.usefixtures("unit")
def test_a_name_that_begins_alike_is_another_plugins() -> None:
    """Handles hold letters only; the point ends one."""
    rows = ["hell.rows", "hello.rows", "hello.greeting", "hellos.rows", "hello", "hello/rows"]
    db.session.execute(
        insert(AuditEntry), [entry(each, "setting", name) for each, name in enumerate(rows)]
    )
    db.session.execute(insert(AuditEntry), [entry(9, "plugin", "hello.rows")])
    assert changed_names(changes_on_site("hello")) == ["hello.greeting", "hello.rows"]
    assert len(db.session.scalars(entries_beginning("setting", "hello")).all()) == 5
