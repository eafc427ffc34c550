"""The order page of a hook: who may, buttons without JavaScript, refusals, what it lists (2.2.1, 2.3.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.accounts.loading import find_user
from portal.config import Settings
from portal.core.database import db
from portal.pluginengine.handlertable import read_table
from portal.pluginengine.models import HandlerRow, PluginRow
from portal.pluginengine.operations import raise_generation
from tests.factories import make_group, make_user
from tests.fixtures.plugins import PluginSite, write_plugin

HOOK = "project_after_description"
PAGE = f"/admin/hooks/{HOOK}/order"
EVENTS = f"""
    {HOOK}:
    - {{handler: one, type: NORMAL}}
    - {{handler: two, type: NORMAL}}
    - {{handler: three, type: NORMAL}}
    - {{handler: late, type: LAST}}
    groupmenu:
    - {{handler: tab, type: NORMAL}}
"""
METHODS = "def tab(self):\n    return None\n" + "\n".join(
    f"def {name}(self):\n    return Markup('<i>{name}</i>')"
    for name in ("one", "two", "three", "late")
)
BUTTONS = ("up", "down", "on", "off", "priority")


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Pages ask the services, which are tested on both databases."""
    return sqlite_url


@pytest.fixture
def site(settings: Settings, plugin_folder: Path) -> Iterator[PluginSite]:
    """A site that operates its plugins and follows the generations they make."""
    site = PluginSite(replace(settings, plugin_path=(plugin_folder,)))
    yield site
    site.runtime.close()


@pytest.fixture
def ordered(site: PluginSite, plugin_folder: Path) -> PluginSite:
    """A site where apollo uses a plugin with four handlers on its summary page."""
    plugin = "from markupsafe import Markup\nfrom portal.pluginapi import Plugin\n\n\nclass Probe(Plugin):\n"
    body = "".join(f"    {line}\n" for line in METHODS.splitlines())
    config = {"scope": ["group"]}
    files = {"event.yml": EVENTS, "plugin.py": plugin + body}
    write_plugin(plugin_folder, "probe", config=config, files=files)
    site.enable("probe")
    with site.arrange():
        make_user("admin", is_site_admin=True)
        make_user("alice")
        assert make_group("apollo").set_plugin_usage("probe", True)
    return site


def browser(site: PluginSite, name: str = "admin") -> FlaskClient:
    """Return a browser at the generation of today."""
    site.refresh()
    if not name:
        return site.client()
    with site.arrange("read"):
        return site.client(find_user(name))


def key(site: PluginSite, handler: str) -> int:
    """Return the id of a handler's row."""
    with site.arrange("read"):
        query = select(HandlerRow.handler_id).where(HandlerRow.handler == handler)
        return db.session.scalars(query).one()


def order(site: PluginSite) -> list[str]:
    """Return the handlers as stored, highest number first."""
    with site.arrange("read"):
        return [line.handler for line in read_table(HOOK).lines]


def kept(site: PluginSite) -> list[list[tuple[object, ...]]]:
    """Return what a refusal leaves alone: handlers, generation, audit log."""
    return [site.rows(table) for table in ("engine_handlers", "engine_site", "audit_log")]


def fragments(page: str) -> list[str]:
    """Return what the handlers have put on a page, in order."""
    return re.findall(r"<i>(\w+)</i>", page)


# -- who may -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "status"), [("", 302), ("alice", 403), ("admin", 200)])
def test_only_site_admins_see_the_order(ordered: PluginSite, name: str, status: int) -> None:
    """2.3.1: as the plugin pages, system.administer."""
    assert browser(ordered, name).get(PAGE).status_code == status


@pytest.mark.parametrize(("name", "status"), [("", 401), ("alice", 403)])
def test_nobody_else_changes_it(ordered: PluginSite, name: str, status: int) -> None:
    before = ordered.rows("engine_handlers")
    client, two = browser(ordered, name), key(ordered, "two")
    for button in BUTTONS:
        answer = client.post(f"{PAGE}/{two}/{button}", data={"priority": "7"})
        assert answer.status_code == status
    assert client.post(PAGE, data={"type": "NORMAL"}).status_code == status
    assert ordered.rows("engine_handlers") == before


def test_every_change_is_a_post_with_the_forms_token(ordered: PluginSite) -> None:
    """2.3.1: EC-CUBE's links without a token are POSTs with CSRF here."""
    client, two = browser(ordered), key(ordered, "two")
    ordered.app.config["WTF_CSRF_ENABLED"] = True
    before = ordered.rows("engine_handlers")
    for button in BUTTONS:
        assert client.post(f"{PAGE}/{two}/{button}", data={"priority": "7"}).status_code == 400
        assert client.get(f"{PAGE}/{two}/{button}").status_code == 405
    assert client.post(PAGE, data={"type": "NORMAL", "handler": [two]}).status_code == 400
    assert ordered.rows("engine_handlers") == before


# -- the buttons ---------------------------------------------------------------------------------


def test_a_button_moves_the_handler_and_the_next_page_of_a_group_shows_it(
    ordered: PluginSite,
) -> None:
    """P-01, 2.3.1: the answer announces the generation in which the fragments stand in the new order."""
    two = key(ordered, "two")
    assert fragments(browser(ordered).get("/groups/apollo/").text) == [
        "one",
        "two",
        "three",
        "late",
    ]
    answer = browser(ordered).post(f"{PAGE}/{two}/up")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{PAGE}#handler-{two}"
    assert "portal_generation=" in answer.headers["Set-Cookie"]
    assert fragments(browser(ordered).get("/groups/apollo/").text) == [
        "two",
        "one",
        "three",
        "late",
    ]
    browser(ordered).post(f"{PAGE}/{two}/down")
    assert order(ordered) == ["one", "two", "three", "late"]


def test_off_and_on(ordered: PluginSite) -> None:
    """P-03, 2.3.1: the number is kept, the page shows 0 and why."""
    two = key(ordered, "two")
    browser(ordered).post(f"{PAGE}/{two}/off")
    assert fragments(browser(ordered).get("/groups/apollo/").text) == ["one", "three", "late"]
    page = browser(ordered).get(PAGE).text
    row = page[page.index(f'id="handler-{two}"') :].partition("</tr>")[0]
    assert '<td>0<span class="cell-note">switched off here</span>' in row
    assert 'value="399"' in row
    browser(ordered).post(f"{PAGE}/{two}/on")
    assert fragments(browser(ordered).get("/groups/apollo/").text) == [
        "one",
        "two",
        "three",
        "late",
    ]


def test_a_number_is_set(ordered: PluginSite) -> None:
    """P-08."""
    browser(ordered).post(f"{PAGE}/{key(ordered, 'one')}/priority", data={"priority": "-399"})
    assert order(ordered) == ["two", "three", "one", "late"]


def test_a_whole_order_is_saved_at_once(ordered: PluginSite) -> None:
    """2.3.1 order: what dragging sends."""
    keys = [key(ordered, name) for name in ("three", "two", "one")]
    answer = browser(ordered).post(PAGE, data={"type": "NORMAL", "handler": keys})
    assert answer.headers["Location"] == PAGE
    assert order(ordered) == ["three", "two", "one", "late"]


# -- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "status", "words"),
    [
        ("", 422, "Write a whole number."),
        ("many", 422, "Write a whole number."),
        ("0", 409, "choose from 400 down to -399, not 0."),
        ("401", 409, "outside the band of NORMAL"),
        ("399", 409, "399 is taken by another handler"),
    ],
)
def test_a_wrong_number_is_told_at_its_field(
    ordered: PluginSite, number: str, status: int, words: str
) -> None:
    """P-03, P-08; nothing is changed."""
    one, before = key(ordered, "one"), kept(ordered)
    answer = browser(ordered).post(f"{PAGE}/{one}/priority", data={"priority": number})
    assert answer.status_code == status
    field = answer.text[answer.text.index(f'id="priority-{one}"') :].partition("</td>")[0]
    assert f'aria-describedby="priority-{one}-errors"' in field
    assert words in field
    assert kept(ordered) == before


def test_what_is_not_possible_is_told_on_the_page(ordered: PluginSite) -> None:
    """2.3.1: 409 with a message, nothing changed: no neighbour, foreign ids, gone rows, stale lists."""
    one, tab, before = key(ordered, "one"), key(ordered, "tab"), kept(ordered)
    client = browser(ordered)
    for path, data, status, words in (
        (f"{PAGE}/{one}/up", {}, 409, "is the first of its kind already"),
        (f"{PAGE}/{tab}/off", {}, 409, "has no such handler"),
        (f"{PAGE}/{tab}/priority", {"priority": "7"}, 409, "has no such handler"),
        (f"{PAGE}/987654/down", {}, 409, "has no such handler"),
        (PAGE, {"type": "NORMAL", "handler": [one]}, 409, "has changed meanwhile"),
        (PAGE, {"type": "NORMAL", "handler": ["one", "two"]}, 409, "has changed meanwhile"),
        (PAGE, {"type": "SOON", "handler": [one]}, 422, "no such type"),
        (PAGE, {}, 422, "no such type"),
    ):
        answer = client.post(path, data=data)
        assert answer.status_code == status, path
        assert words in answer.text.partition('role="alert"')[2], path
    assert kept(ordered) == before


def test_an_unknown_hook_has_no_order(ordered: PluginSite) -> None:
    client, one = browser(ordered), key(ordered, "one")
    assert client.get("/admin/hooks/nonsense/order").status_code == 404
    for path in ("order", *(f"order/{one}/{button}" for button in BUTTONS)):
        data = {"type": "NORMAL", "priority": "7", "handler": [one]}
        assert client.post(f"/admin/hooks/nonsense/{path}", data=data).status_code == 404


# -- what the page shows -------------------------------------------------------------------------


def test_the_page_shows_the_bands_the_portals_own_and_no_button_that_leads_nowhere(
    ordered: PluginSite,
) -> None:
    """P-01, P-02: FIRST, NORMAL, LAST; design 5: the host before them; hidden at the ends (EC-CUBE)."""
    page = browser(ordered).get(PAGE).text
    places = [page.index(f"{kind}: ") for kind in ("FIRST", "NORMAL", "LAST")]
    assert places == sorted(places)
    assert page.index("No handler of this kind") < places[1]
    one, two = key(ordered, "one"), key(ordered, "two")
    assert f"{PAGE}/{one}/up" not in page
    assert f"{PAGE}/{one}/down" in page
    assert f"{PAGE}/{two}/up" in page
    menu = browser(ordered).get("/admin/hooks/groupmenu/order").text
    assert menu.index("they cannot be moved") < menu.index("FIRST: ")


def test_handlers_of_a_disabled_plugin_are_listed_with_the_reason(ordered: PluginSite) -> None:
    """2.3.1: 0 and the reason; they can be put in order all the same."""
    ordered.operate("disable", "probe")
    page = browser(ordered).get(PAGE).text
    assert page.count("the plugin is disabled") == 4
    browser(ordered).post(f"{PAGE}/{key(ordered, 'two')}/up")
    assert order(ordered) == ["two", "one", "three", "late"]


def test_a_handler_without_a_row_is_shown_after_all_others(ordered: PluginSite) -> None:
    """P-07: it counts as -500."""
    with ordered.arrange():
        row = db.session.get(HandlerRow, key_inside("late"))
        db.session.delete(row)
        raise_generation()
    page = browser(ordered).get(PAGE).text
    rest = page[page.index("Not in the table") :]
    assert "late" in rest
    assert "-500" in rest


def key_inside(handler: str) -> int:
    """Return a handler's id in the running unit of work."""
    return db.session.scalars(
        select(HandlerRow.handler_id).where(HandlerRow.handler == handler)
    ).one()


def test_explorer_and_plugin_page_lead_to_the_order(ordered: PluginSite) -> None:
    client = browser(ordered)
    assert f'href="{PAGE}"' in client.get(PAGE.removesuffix("order")).text
    assert f'href="{PAGE}"' in client.get("/admin/plugins/probe/hooks").text


def test_names_from_plugins_are_text(ordered: PluginSite) -> None:
    """A plugin's name is anything; the page shows it as it is."""
    with ordered.arrange():
        row = db.session.scalars(select(PluginRow)).one()
        row.name = "<b>Bold</b>"
    assert "&lt;b&gt;Bold" in browser(ordered).get(PAGE).text
