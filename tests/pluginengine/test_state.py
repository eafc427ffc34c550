"""The site's plugin state as a value: what an app generation is built from (engineering A10)."""

from portal.core.database import db
from portal.core.unit_of_work import unit_of_work
from portal.pluginengine.models import HandlerRow, PluginRow
from portal.pluginengine.operations import raise_generation
from portal.pluginengine.reloading import load_generation, load_state
from portal.pluginengine.state import HandlerRecord, SiteState, read_state


def add_plugin(handle: str, **fields) -> PluginRow:
    defaults = {"enable": 1, "initialized": 1, "load_state": "ok"}
    row = PluginRow(
        plugin_name=handle,
        name=handle.capitalize(),
        code=handle,
        code_ci=handle,
        version="1.0",
        **{**defaults, **fields},
    )
    db.session.add(row)
    db.session.flush()
    return row


def add_handler(row: PluginRow, event: str, priority: int, **fields) -> None:
    db.session.add(
        HandlerRow(
            event=event,
            priority=priority,
            plugin_id=row.plugin_id,
            handler=f"of_{row.plugin_name}",
            handler_type="NORMAL",
            **fields,
        )
    )
    db.session.flush()


def test_an_empty_site_has_no_plugins(unit):
    state = read_state(db.session)
    assert (state.plugins, state.handlers, dict(state.by_handle)) == ((), (), {})


def test_records_come_by_key_and_can_be_had_by_handle(unit):
    for handle in ("zeta", "alpha"):
        add_plugin(handle)
    state = read_state(db.session)
    assert [each.handle for each in state.plugins] == ["zeta", "alpha"]
    assert state.by_handle["alpha"].name == "Alpha"


def test_handlers_come_by_event_then_the_higher_priority_first(unit):
    row = add_plugin("probe")
    for event, priority in (("usermenu", 5), ("groupmenu", 3), ("groupmenu", 700)):
        add_handler(row, event, priority)
    handlers = read_state(db.session).handlers
    assert [(each.event, each.priority) for each in handlers] == [
        ("groupmenu", 700),
        ("groupmenu", 3),
        ("usermenu", 5),
    ]


def test_deleted_plugins_and_handlers_are_left_out(unit):
    """E-05, E-15."""
    row = add_plugin("probe")
    add_plugin("gone", delete_flg=1)
    add_handler(row, "groupmenu", 3, delete_flg=1)
    state = read_state(db.session)
    assert [each.handle for each in state.plugins] == ["probe"]
    assert state.handlers == ()


def test_only_enabled_installed_and_healthy_plugins_run(unit):
    add_plugin("running")
    add_plugin("disabled", enable=0)
    add_plugin("fresh", initialized=0)
    add_plugin("ill", load_state="quarantined")
    assert [each.handle for each in read_state(db.session).plugins if each.runs] == ["running"]


def test_a_handler_switched_off_counts_as_priority_0():
    """P-03."""
    record = HandlerRecord(
        handler_id=1,
        event="groupmenu",
        priority=300,
        plugin_id=1,
        handler="tab",
        handler_type="NORMAL",
        enabled=False,
    )
    assert record.effective == 0


def test_what_has_not_been_committed_is_read_by_its_own_transaction_only(app, settings):
    engine = db.engine_for(settings.database_url)
    with app.app_context(), unit_of_work("write"):
        add_plugin("probe")
        generation = raise_generation()
        own = read_state(db.session)
        others = load_state(engine)
    assert ([each.handle for each in own.plugins], own.generation) == (["probe"], generation)
    assert ([each.handle for each in others.plugins], others.generation) == ([], generation - 1)
    assert load_state(engine) == own
    assert load_generation(engine) == generation


def test_before_the_first_migration_the_state_is_empty(empty_database_url):
    engine = db.engine_for(empty_database_url)
    try:
        assert load_state(engine) == SiteState()
        assert load_generation(engine) == 0
    finally:
        db.dispose_engine(empty_database_url)
