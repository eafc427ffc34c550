"""A plugin's own pages: what stands around their views runs behind the gate, and what fails is named."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from portal.accounts.loading import find_user
from portal.groups.queries import find_group
from tests.factories import make_group, make_member, make_user
from tests.fixtures.plugins import THING_MIGRATION, MakePlugin, PluginSite

PAGE = "/plugins/probe/g/apollo/"
REFUSED = "/plugins/probe/g/mercury/"
PLACE = "GET /plugins/probe/g/<group>/"

VIEWS = """
import sys
from flask import Blueprint, Response, abort, after_this_request, g, request
from sqlalchemy import text
from portal.pluginapi import Group, db, render_page, transaction

bp = Blueprint("probe", __name__)


@bp.route("/g/<group>/", methods=["GET", "POST"])
def page():
{view}


{around}
"""

Write = Callable[..., PluginSite]

#: Nothing in these tests depends on the database.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def written(site: PluginSite, make_plugin: MakePlugin) -> Write:
    """Write the plugin: its view's body, what stands around it; apollo uses it, mercury does not."""

    def write(view: str = "return 'the page'", around: str = "", **files: str) -> PluginSite:
        views = VIEWS.format(
            view=textwrap.indent(textwrap.dedent(view).strip(), "    "),
            around=textwrap.dedent(around),
        )
        scopes = {"scope": ["site", "group"]}
        make_plugin("probe", config=scopes, files={"views.py": views, **files})
        site.enable("probe")
        with site.arrange():
            alice = make_user("alice")
            make_user("root", is_site_admin=True)
            for name in ("apollo", "mercury"):
                make_member(group := make_group(name), alice, "Admin")
                group.set_plugin_usage("probe", name == "apollo")
        return site

    return write


def get(site: PluginSite, address: str, name: str = "") -> TestResponse:
    with site.arrange("read"):
        client = site.client(find_user(name) if name else None)
    return client.get(address)


def incidents(site: PluginSite) -> list[tuple[str, str]]:
    return [(each.hook, each.error) for each in site.engine.health.incidents()]


# -- behind the gate -----------------------------------------------------------------------------

AROUND = {
    "before_request": "@bp.before_request\ndef around():\n    abort(418)",
    "url_value_preprocessor": "@bp.url_value_preprocessor\ndef around(endpoint, values):\n    abort(418)",
    "after_request": (
        "@bp.after_request\ndef around(response):\n    return Response('mine', status=200)"
    ),
    "teardown_request": "@bp.teardown_request\ndef around(error):\n    sys.exit(3)",
    "context_processor": "@bp.context_processor\ndef around():\n    return {'title': 'mine', 'status': 1}",
    "failing context_processor": "@bp.context_processor\ndef around():\n    sys.exit(3)",
    "errorhandler": "@bp.errorhandler(404)\ndef around(error):\n    return 'mine', 200",
    "errorhandler for all": "@bp.errorhandler(Exception)\ndef around(error):\n    return 'mine', 200",
}


@on_sqlite
@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND)
def test_a_refused_page_is_the_hosts_alone(written: Write, around: str) -> None:
    site = written(around=around)
    absent, refused = get(site, "/nowhere"), get(site, REFUSED)
    assert (refused.status_code, incidents(site)) == (404, [])
    assert "mine" not in refused.text
    assert refused.headers["Content-Security-Policy"] == absent.headers["Content-Security-Policy"]


CALLED = {
    "before_request": "@bp.before_request\ndef around():\n    return 'mine'",
    "url_value_preprocessor": "@bp.url_value_preprocessor\ndef around(endpoint, values):\n    abort(418)",
    "after_request": "@bp.after_request\ndef around(response):\n    return Response('mine')",
}


@on_sqlite
@pytest.mark.parametrize("around", CALLED.values(), ids=CALLED)
def test_on_a_page_that_is_let_in_it_runs(written: Write, around: str) -> None:
    site = written(around=around)
    answer = get(site, PAGE)
    assert answer.text == "mine" or answer.status_code == 418


@on_sqlite
def test_an_error_handler_answers_for_its_own_pages(written: Write) -> None:
    site = written(
        "abort(404)", "@bp.errorhandler(404)\ndef around(error):\n    return 'mine', 404"
    )
    assert (get(site, PAGE).text, incidents(site)) == ("mine", [])


@on_sqlite
def test_an_address_is_read_before_what_stands_before_the_view(written: Write) -> None:
    around = """
        @bp.before_request
        def second():
            return g.read + " " + repr(request.view_args)

        @bp.url_value_preprocessor
        def first(endpoint, values):
            g.read = endpoint
    """
    assert get(written(around=around), PAGE).text == "probe.page {}"


# -- what fails ----------------------------------------------------------------------------------

LEAVING = {
    "exits": ("sys.exit(3)", "It raised SystemExit"),
    "interrupts": ("raise KeyboardInterrupt", "It raised KeyboardInterrupt"),
    "raises": ("raise ValueError('no luck')", "ValueError: no luck"),
}


@on_sqlite
@pytest.mark.parametrize(("code", "cause"), LEAVING.values(), ids=LEAVING)
@pytest.mark.parametrize(
    "around", ["", "@bp.before_request\ndef around():\n    {code}"], ids=["view", "before"]
)
def test_a_page_that_fails_is_the_hosts_500_and_an_incident(
    written: Write, code: str, cause: str, around: str
) -> None:
    site = written("return 'the page'" if around else code, around.format(code=code))
    answer = get(site, PAGE)
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.text
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    ((place, error),) = incidents(site)
    assert place == PLACE
    assert cause in error


@on_sqlite
@pytest.mark.parametrize(("code", "cause"), LEAVING.values(), ids=LEAVING)
@pytest.mark.parametrize("hook", ["after_request", "teardown_request"])
def test_what_fails_after_the_view_leaves_the_page_as_it_is(
    written: Write, hook: str, code: str, cause: str
) -> None:
    site = written(around=f"@bp.{hook}\ndef around(given):\n    {code}")
    answer = get(site, PAGE)
    assert (answer.status_code, answer.text) == (200, "the page")
    assert "Content-Security-Policy" in answer.headers
    ((place, error),) = incidents(site)
    assert place == PLACE
    assert cause in error


@on_sqlite
def test_an_answer_that_is_none_is_not_taken(written: Write) -> None:
    site = written(around="@bp.after_request\ndef around(response):\n    pass")
    assert get(site, PAGE).text == "the page"
    assert "must return the response, got NoneType" in incidents(site)[0][1]


@on_sqlite
@pytest.mark.parametrize(("code", "cause"), LEAVING.values(), ids=LEAVING)
def test_what_it_hangs_on_one_answer_fails_into_the_hosts_500(
    written: Write, code: str, cause: str
) -> None:
    view = f"""
        @after_this_request
        def spoil(response):
            {code}

        return "the page"
    """
    site = written(view)
    answer = get(site, PAGE)
    assert answer.status_code == 500
    assert "Content-Security-Policy" in answer.headers
    assert [cause in error for _place, error in incidents(site)] == [True]


@on_sqlite
def test_an_error_handler_that_fails_gives_way_to_the_hosts(written: Write) -> None:
    site = written("abort(404)", "@bp.errorhandler(404)\ndef around(error):\n    sys.exit(3)")
    answer = get(site, PAGE)
    assert answer.status_code == 404
    assert "There is no such page" in answer.text
    assert [place for place, _error in incidents(site)] == [PLACE]


@on_sqlite
def test_a_context_processor_that_fails_leaves_the_hosts_error_page_whole(written: Write) -> None:
    page = '{% extends "layouts/plugin.html" %}'
    site = written(
        "return render_page('page.html')",
        "@bp.context_processor\ndef around():\n    raise ValueError('no luck')",
        **{"templates/probe/page.html": page},
    )
    answer = get(site, PAGE)
    assert (answer.status_code, answer.mimetype) == (500, "text/html")
    assert "no luck" in incidents(site)[0][1]


@on_sqlite
@pytest.mark.parametrize("refusal", ["abort(404)", "abort(403)"])
def test_a_refusal_is_no_failure(written: Write, refusal: str) -> None:
    site = written(refusal)
    assert get(site, PAGE).status_code in (403, 404)
    assert incidents(site) == []


@on_sqlite
def test_a_site_admin_is_told_on_the_page_and_others_are_not(written: Write) -> None:
    site = written("raise ValueError('no luck')")
    assert "no luck" in get(site, PAGE, "root").text
    assert "no luck" not in get(site, PAGE, "alice").text
    assert "no luck" in get(site, "/admin/plugins/incidents", "root").text


def test_a_write_on_a_get_is_named_for_its_author(
    site: PluginSite, make_plugin: MakePlugin
) -> None:
    """SQLite and PostgreSQL refuse it in words of their own."""
    views = """
        from flask import Blueprint
        from sqlalchemy import text
        from portal.pluginapi import db

        bp = Blueprint("probe", __name__)

        @bp.get("/")
        def page():
            db.session.execute(text("DELETE FROM plugin_probe_thing"))
            return "the page"
    """
    make_plugin("probe", files={"views.py": views, "migrations/one.py": THING_MIGRATION})
    site.enable("probe")
    answer = site.client().get("/plugins/probe/")
    assert answer.status_code == 500
    ((place, error),) = incidents(site)
    assert place == "GET /plugins/probe/"
    assert "while a page was only being read" in error


@on_sqlite
def test_a_change_that_a_get_would_lose_is_told(written: Write) -> None:
    site = written("db.session.query(Group).first().full_name = 'Mine'\nreturn 'the page'")
    assert get(site, PAGE).text == "the page"
    assert "nothing of it was stored" in incidents(site)[0][1]
    with site.arrange("read"):
        assert find_group("apollo", None).full_name == "Apollo"
