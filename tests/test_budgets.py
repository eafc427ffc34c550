"""What pages cost the database: SELECTs that do not grow with the plugins, and no write on a GET."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from bench.made_plugins import make_plugins
from portal.accounts.models import User
from portal.groups.queries import named_group
from tests.fixtures.plugins import PluginSite
from tests.walks import core_pages, make_people

WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "ALTER", "DROP", "TRUNCATE")
MOST_SELECTS = {"": 3, "bob": 4}

CountSelects = Callable[[], AbstractContextManager[list[str]]]


@contextmanager
def noted_writes() -> Iterator[list[str]]:
    """Note every statement that writes, whichever thread of this process sends it."""
    writes: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.lstrip().upper().startswith(WRITES):
            writes.append(f"{threading.current_thread().name}: {statement}")

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield writes
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def use_plugins(site: PluginSite, count: int) -> dict[str, User | None]:
    """Make so many plugins run that apollo uses all of them; returns the people."""
    people = make_people(site.app)
    (place,) = site.settings.plugin_path
    handles = make_plugins(place, count)
    if handles:
        site.write_down(*handles)
    with site.arrange():
        apollo = named_group("apollo")
        assert apollo is not None
        assert all(apollo.set_plugin_usage(handle, True) for handle in handles)
    return people


@pytest.mark.parametrize("count", [0, 10, 50])
def test_a_groups_page_costs_the_same_however_many_plugins_it_uses(
    site: PluginSite, count_selects: CountSelects, count: int
) -> None:
    """Issue 2: at most 4 SELECTs for a member, 3 for a visitor, with 0, 10 and 50 plugins; no write."""
    people = use_plugins(site, count)
    for name, most in MOST_SELECTS.items():
        client = site.client(people[name])
        first = client.get("/groups/apollo/").text
        assert first.count('/g/apollo/"') == count
        assert first.count(" uses made") == count
        assert first.count("/static/made.css") == count
        with count_selects() as selects, noted_writes() as writes:
            assert client.get("/groups/apollo/").status_code == 200
        assert len(selects) <= most, "\n".join(selects)
        assert writes == []


def test_no_page_of_the_core_writes_when_it_is_looked_at(site: PluginSite) -> None:
    """Style: GET never writes. Every GET rule of the core, as five kinds of people."""
    people = use_plugins(site, 2)
    site.operate("register", "helloworld")
    answered = 0
    for user in people.values():
        client = site.client(user)
        for path in core_pages(site.app):
            with noted_writes() as writes:
                status = client.get(path).status_code
            assert writes == [], path
            assert status in (200, 303, 302, 403, 404, 409), f"{path}: {status}"
            answered += status == 200
    assert answered > 40
