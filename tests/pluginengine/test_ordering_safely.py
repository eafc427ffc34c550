"""What holds for every change of the order: refusals, rehearsals, the audit log, the unique key, haste."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import event, select

from portal.core.audit.models import AuditEntry
from portal.core.database import db
from portal.pluginengine import ordering
from portal.pluginengine.errors import Refused
from portal.pluginengine.journal import last_operations
from portal.pluginengine.models import HandlerRow
from portal.pluginengine.priorities import tombstone
from tests.pluginengine.ordered import HOOK, change, key, operate, ordered_site, refused, stored


@pytest.fixture
def ordered(site, make_plugin):
    """A site whose plugin answers one hook in every band, and another hook once."""
    return ordered_site(site, make_plugin)


CHANGES = [
    ("move_handler", ("up",), {}),
    ("set_handler_priority", (77,), {}),
    ("switch_handler", (), {"on": False}),
]


@pytest.mark.parametrize(("verb", "arguments", "options"), CHANGES)
def test_a_handler_of_another_hook_or_none_is_refused(ordered, verb, arguments, options):
    for handler_id in (key(ordered, "tab"), 987654):
        refused(ordered, "has no such handler", verb, HOOK, handler_id, *arguments, **options)


@pytest.mark.parametrize(("verb", "arguments", "options"), CHANGES)
def test_a_deleted_handler_is_refused(ordered, verb, arguments, options):
    """2.3.1: somebody has uninstalled the plugin while the page was open."""
    two = key(ordered, "two")
    change(ordered, "two", delete_flg=1, priority=tombstone(two))
    refused(ordered, "or not any more", verb, HOOK, two, *arguments, **options)


@pytest.mark.parametrize(("verb", "arguments", "options"), CHANGES)
def test_a_rehearsal_says_what_it_would_do_and_keeps_nothing(ordered, verb, arguments, options):
    before = ordered.snapshot()
    two = key(ordered, "two")
    outcome = operate(ordered, verb, HOOK, two, *arguments, **options, dry_run=True)
    assert outcome.message.startswith("Rehearsed only, nothing was changed: probe:two ")
    assert not outcome.changed
    assert ordered.snapshot() == before


def test_every_change_stands_in_the_journal(ordered):
    """Design 6, Journal: every operation is a row, also one that was refused."""
    one, two, three = (key(ordered, name) for name in ("one", "two", "three"))
    operate(ordered, "move_handler", HOOK, two, "up")
    operate(ordered, "set_handler_priority", HOOK, one, 11)
    operate(ordered, "switch_handler", HOOK, one, on=False)
    operate(ordered, "switch_handler", HOOK, one, on=False)
    operate(ordered, "order_handlers", HOOK, "NORMAL", [one, three, two])
    refused(ordered, "lies outside the band", "set_handler_priority", HOOK, one, 9999)
    with ordered.arrange("read"):
        lines = [
            (each.verb, each.step, each.message)
            for code in ("probe", f"hook:{HOOK}")
            for each in reversed(last_operations(code))
            if each.verb not in ("register", "enable")
        ]
    assert [(verb, step) for verb, step, _message in lines] == [
        ("move", "done"),
        ("priority", "done"),
        ("switch", "done"),
        ("priority", "refused"),
        ("order", "done"),
    ]
    assert lines[0][2] == "probe:two moved up."


def test_every_change_is_audited_with_old_and_new(ordered):
    """Issue: audited; names and numbers, one entry a change."""
    one, two, three = (key(ordered, name) for name in ("one", "two", "three"))
    operate(ordered, "move_handler", HOOK, two, "up")
    operate(ordered, "order_handlers", HOOK, "NORMAL", [one, three, two])
    operate(ordered, "set_handler_priority", HOOK, one, 11)
    operate(ordered, "switch_handler", HOOK, one, on=False)
    with ordered.arrange("read"):
        query = select(AuditEntry).where(AuditEntry.action.startswith("handler."))
        entries = list(db.session.scalars(query.order_by(AuditEntry.audit_id)))
        told = [
            (each.action, each.object_name, each.old_values, each.new_values) for each in entries
        ]
    before, after = (
        ["probe:two", "probe:one", "probe:three"],
        ["probe:one", "probe:three", "probe:two"],
    )
    assert told == [
        ("handler.move", f"{HOOK} probe:two", {"priority": 399}, {"priority": 400}),
        ("handler.order", HOOK, {"NORMAL": before}, {"NORMAL": after}),
        ("handler.move", f"{HOOK} probe:one", {"priority": 400}, {"priority": 11}),
        ("handler.switch", f"{HOOK} probe:one", {"enabled": True}, {"enabled": False}),
    ]


def test_no_two_rows_share_a_number_at_any_flush(ordered):
    """Unique (event, priority), EC 2.3.1: the database sees one statement after the other, none collides."""
    seen: list[set[int]] = []

    def look(session, context) -> None:
        rows = list(session.scalars(select(HandlerRow.priority).where(HandlerRow.event == HOOK)))
        assert len(rows) == len(set(rows))
        seen.append(set(rows))

    keys = [key(ordered, name) for name in ("three", "two", "one")]
    with ordered.app.app_context():
        event.listen(db.session, "after_flush_postexec", look)
        try:
            ordering.order_handlers(HOOK, "NORMAL", keys)
        finally:
            event.remove(db.session, "after_flush_postexec", look)
    assert len(seen) >= 4
    assert any(min(numbers) < -2_000_000 for numbers in seen)
    assert stored(ordered)["three"] == 400


def test_two_changes_at_once_come_one_after_the_other(ordered):
    """Design 8: one operation at a time; both happen, and neither loses a number."""
    before = sorted(stored(ordered).values())
    generation = ordered.engine.state.generation
    two, three = key(ordered, "two"), key(ordered, "three")
    failures: list[BaseException] = []
    start = threading.Barrier(2)

    def press(handler_id: int) -> None:
        try:
            with ordered.app.app_context():
                start.wait(10)
                for direction in ("up", "down", "up"):
                    ordering.move_handler(HOOK, handler_id, direction)
        except Refused as refusal:  # it was at the end of its band at that moment
            failures.append(refusal)

    threads = [threading.Thread(target=press, args=(each,)) for each in (two, three)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    ordered.refresh()
    assert sorted(stored(ordered).values()) == before
    done = ordered.engine.state.generation - generation
    assert 2 <= done <= 6
    assert all("of its kind already" in str(each) for each in failures)


def test_a_list_made_before_a_change_of_somebody_else_is_refused(ordered, make_plugin):
    """2.3.1 order, stale list: another plugin has come meanwhile."""
    seen = [key(ordered, name) for name in ("three", "two", "one")]
    make_plugin("other", methods="def hello(self):\n    return None", events={HOOK: ["hello"]})
    ordered.enable("other")
    refused(ordered, "has changed meanwhile", "order_handlers", HOOK, "NORMAL", seen)
