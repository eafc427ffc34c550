"""Keys and rows at the ends of what tables hold: large numbers, no name, more rows than a statement takes."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import BindParameter, text
from sqlalchemy.sql import visitors

from portal.core.database import db
from portal.core.errors import NotFound
from portal.objectpages.lists import list_of
from portal.objectpages.places import Place
from portal.objectpages.services import digest_of
from portal.pluginengine.objecttypes.pagetypes import page_types
from portal.web.current import current
from tests.fixtures.plugins import MakePlugin, PluginSite

MODELS = """
    from portal.pluginapi import ObjectType


    class Entry(ObjectType):
        column_defs = {"title": "string(20)", "number": "integer"}

        def may_view(self, viewer):
            return self.number % 2 == 0
"""
CONFIG = {
    "schema_version": "1",
    "scope": ["site"],
    "object_types": {
        "entry": "Entry",
        "event": {"event_id": "bigint auto_increment", "name": "string(20)"},
        "seat": {"seat_id": "smallint primary key auto_increment", "name": "string(20)"},
    },
    "pages": {name: {"view": "everybody"} for name in ("entry", "event", "seat")},
}


@pytest.fixture
def logs(site: PluginSite, make_plugin: MakePlugin) -> PluginSite:
    """A site with entries, of which a class judges who sees them, and events with large keys."""
    make_plugin("logs", config=CONFIG, files={"models.py": MODELS})
    site.enable("logs")
    return site


def put(site: PluginSite, table: str, **values: Any) -> None:
    """Put a row into a table, as somebody else's code might."""
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    with site.arrange():
        db.session.execute(text(f"INSERT INTO {table} ({names}) VALUES ({marks})"), values)


def test_a_row_with_a_large_key_has_its_page(logs: PluginSite) -> None:
    """Of a bigint, more than 32 bits; what no row can have is not there."""
    put(logs, "plugin_logs_event", event_id=2**40, name="Late")
    client = logs.client()
    assert f'href="/plugins/logs/t/event/{2**40}/"' in client.get("/plugins/logs/t/event/").text
    assert "Late" in client.get(f"/plugins/logs/t/event/{2**40}/").text
    assert client.get(f"/plugins/logs/t/event/{2**63}/").status_code == 404


def test_a_key_that_a_small_number_cannot_hold_is_not_there(logs: PluginSite) -> None:
    put(logs, "plugin_logs_seat", seat_id=2**15 - 1, name="Last")
    seats = "/plugins/logs/t/seat/"
    assert "Last" in logs.client().get(f"{seats}{2**15 - 1}/").text
    for key in (2**15, 2**31 - 1, 2**31):
        assert logs.client().get(f"{seats}{key}/").status_code == 404


def test_a_row_without_a_name_is_reached_from_the_list(logs: PluginSite) -> None:
    """The link says what it does, as it has no words of its own."""
    put(logs, "plugin_logs_entry", number=2)
    (link,) = re.findall(
        r'<a href="/plugins/logs/t/entry/1/"[^>]*>',
        logs.client().get("/plugins/logs/t/entry/").text,
    )
    assert 'aria-label="Open"' in link
    assert "Entry 1" in logs.client().get("/plugins/logs/t/entry/1/").text


def test_a_row_that_is_deleted_while_its_form_is_made_is_not_there(logs: PluginSite) -> None:
    """On PostgreSQL each statement of a page sees what is there by then."""
    with logs.app.test_request_context("/"), logs.arrange("read"):
        place = Place(page=page_types(current_app)["logs"]["event"])
        with pytest.raises(NotFound):
            digest_of(place, 1)


def binds(statement: Any) -> Iterator[BindParameter[Any]]:
    """Yield the lists of values that a statement is given."""
    for each in visitors.iterate(statement):
        if isinstance(each, BindParameter) and each.expanding:
            yield each


def test_a_list_takes_however_many_rows_a_class_lets_through(logs: PluginSite) -> None:
    """PostgreSQL takes 65,535 parameters with a statement, SQLite as many as it was built for."""
    put(logs, "plugin_logs_entry", number=2, title="even")
    put(logs, "plugin_logs_entry", number=3, title="odd")
    page = logs.client().get("/plugins/logs/t/entry/").text
    assert "even" in page
    assert "odd" not in page
    with logs.app.test_request_context("/"), logs.arrange("read"):
        current.viewer = None
        entry = page_types(current_app)["logs"]["entry"]
        statement = list_of(current_app, entry).statement(Place(page=entry))
        assert [each.literal_execute for each in binds(statement)] == [True]
