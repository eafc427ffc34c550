"""Addresses of plugins: whose page a request is, and who is turned away before the view runs (design 9)."""

import pytest
from werkzeug.test import TestResponse

from portal.accounts.loading import find_user
from portal.accounts.models import SUSPENDED
from portal.groups.models import PENDING
from portal.groups.queries import find_group
from tests.factories import make_group, make_member, make_user
from tests.fixtures.plugins import MakePlugin, PluginSite

VIEWS = """
from flask import Blueprint, g, request, url_for
from portal.pluginapi import current, db

bp = Blueprint("probe", __name__)


@bp.before_request
def note():
    g.noted = str(current.group and current.group.name)


@bp.get("/")
def index():
    return "site " + str(current.plugin.handle)


@bp.route("/g/<group>/", methods=["GET", "POST"])
def of_group():
    return f"group {current.group.name} noted {g.noted} left {request.view_args}"


@bp.get("/g/<group>/<int:number>")
def of_number(number):
    return f"{number} of {current.group.name}"


@bp.get("/u/<user>/")
def of_user():
    return f"user {current.user.user_name} page_owner {current.page_owner.user_name}"


@bp.route("/any", methods=["GET", "POST"])
def anything():
    return f"group {current.group and current.group.name}"


@bp.get("/g/<group>/links")
def links():
    return " ".join([
        url_for(".of_group"),
        url_for("probe.of_number", number=3),
        url_for(".of_group", group="mercury"),
        url_for(".of_user", user=current.viewer) if current.viewer else "-",
        url_for(".index"),
        url_for(".of_group", _external=True),
        current.plugin.url("of_group", group=current.group),
        url_for("groups.show_group", name="apollo"),
    ])
"""


@pytest.fixture
def routed(site, make_plugin):
    """A plugin with pages of all kinds: apollo and alice use it, mercury and bob do not, gemini is private."""
    make_plugin(
        "probe",
        config={"scope": ["site", "group", "user"]},
        methods="pass",
        files={"views.py": VIEWS, "static/a.css": "a {}"},
    )
    site.enable("probe")
    with site.arrange():
        alice = make_user("alice")
        make_user("bob")
        make_user("root", is_site_admin=True)
        for name, fields in (
            ("apollo", {}),
            ("mercury", {}),
            ("gemini", {"is_public": False}),
            ("skylab", {"status": PENDING}),
        ):
            group = make_group(name, **fields)
            make_member(group, alice, "Admin")
            group.set_plugin_usage("probe", name != "mercury")
        alice.set_plugin_usage("probe", True)
    return site


def get(site, address: str, name: str = "", **options) -> TestResponse:
    with site.arrange("read"):
        client = site.client(find_user(name) if name else None)
    return client.get(address, **options)


def key_of(site, name: str) -> int:
    with site.arrange("read"):
        return find_group(name, find_user("root")).group_id


# -- whose page ----------------------------------------------------------------------------------


def test_group_in_the_address_is_loaded_and_taken_out(routed):
    page = get(routed, "/plugins/probe/g/apollo/")
    assert page.text == "group apollo noted apollo left {}"


def test_other_values_of_the_address_reach_the_view(routed):
    assert get(routed, "/plugins/probe/g/apollo/7").text == "7 of apollo"


def test_person_in_the_address_becomes_the_owner_of_the_page(routed):
    assert get(routed, "/plugins/probe/u/alice/").text == "user alice page_owner alice"


def test_a_page_without_owner_is_the_sites(routed):
    assert get(routed, "/plugins/probe/").text == "site probe"


@pytest.mark.parametrize("method", ["get", "post"])
def test_group_id_in_query_or_form_makes_a_group_page(routed, method):
    key = key_of(routed, "apollo")
    client = routed.client()
    where = {"query_string": {"group_id": key}} if method == "get" else {"data": {"group_id": key}}
    assert getattr(client, method)("/plugins/probe/any", **where).text == "group apollo"


def test_the_address_wins_over_group_id(routed):
    key = key_of(routed, "mercury")
    assert get(routed, f"/plugins/probe/g/apollo/?group_id={key}").status_code == 200


# -- who is turned away --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("group", "name", "status"),
    [
        ("apollo", "", 200),
        ("mercury", "alice", 404),
        ("gemini", "alice", 200),
        ("gemini", "bob", 404),
        ("gemini", "", 404),
        ("gemini", "root", 200),
        ("skylab", "alice", 404),
        ("skylab", "root", 200),
        ("nowhere", "root", 404),
        ("Apollo", "root", 404),
    ],
)
def test_group_unknown_hidden_or_not_using_the_plugin_is_404(routed, group, name, status):
    assert get(routed, f"/plugins/probe/g/{group}/", name).status_code == status
    if group not in ("nowhere", "Apollo"):
        key = key_of(routed, group)
        assert get(routed, f"/plugins/probe/any?group_id={key}", name).status_code == status


@pytest.mark.parametrize("key", ["0", "-1", "x", "", "1e3", "²", "9" * 40])
def test_nonsense_for_group_id_is_404(routed, key):
    page = get(routed, "/plugins/probe/any", query_string={"group_id": key})
    assert page.status_code == 404


@pytest.mark.parametrize(("name", "status"), [("alice", 200), ("bob", 404), ("nobody", 404)])
def test_person_unknown_or_not_using_the_plugin_is_404(routed, name, status):
    assert get(routed, f"/plugins/probe/u/{name}/", "root").status_code == status


def test_person_whose_account_is_not_active_is_404(routed):
    with routed.arrange():
        find_user("alice").status = SUSPENDED
    assert get(routed, "/plugins/probe/u/alice/", "root").status_code == 404


def test_the_view_does_not_run_for_those_who_are_turned_away(routed, make_plugin):
    files = {"views.py": VIEWS.replace("def note():", "def note():\n    raise RuntimeError")}
    make_plugin("probe", config={"scope": ["site", "group", "user"]}, files=files)
    routed.refresh()
    assert get(routed, "/plugins/probe/g/apollo/").status_code == 500
    assert get(routed, "/plugins/probe/g/mercury/").status_code == 404


def test_a_plugin_cannot_take_the_owner_out_before_the_gate(routed, make_plugin):
    """The usual pattern with url_value_preprocessor would otherwise make a site page of a group page."""
    early = "\n\n@bp.url_value_preprocessor\ndef pull(endpoint, values):\n    values.pop('group', None)\n"
    files = {"views.py": VIEWS + early}
    make_plugin("probe", config={"scope": ["site", "group", "user"]}, files=files)
    routed.refresh()
    assert get(routed, "/plugins/probe/g/apollo/").status_code == 200
    assert get(routed, "/plugins/probe/g/gemini/").status_code == 404


def test_off_on_the_site_every_page_is_404(routed):
    routed.operate("disable", "probe")
    for place in ("", "g/apollo/", "u/alice/", "any", "static/a.css"):
        assert get(routed, f"/plugins/probe/{place}", "root").status_code == 404
    routed.operate("enable", "probe")
    assert get(routed, "/plugins/probe/g/apollo/").status_code == 200


@pytest.mark.parametrize("scopes", [["group"], ["user"], ["group", "user"]])
def test_a_plugin_without_site_scope_needs_a_person_on_its_site_pages(routed, make_plugin, scopes):
    make_plugin("probe", config={"scope": scopes}, files={"views.py": VIEWS})
    routed.refresh()
    anonymous = get(routed, "/plugins/probe/")
    assert anonymous.status_code == 302
    assert anonymous.location == "/login?next=/plugins/probe/"
    assert get(routed, "/plugins/probe/", "bob").status_code == 200


def test_a_plugin_without_group_switch_has_group_pages_only_when_it_works_for_the_site(
    routed, make_plugin
):
    make_plugin("probe", config={"scope": ["user"]}, files={"views.py": VIEWS})
    routed.refresh()
    assert get(routed, "/plugins/probe/g/apollo/", "root").status_code == 404
    make_plugin("probe", config={"scope": ["site"]}, files={"views.py": VIEWS})
    routed.refresh()
    assert get(routed, "/plugins/probe/g/mercury/").status_code == 200


# -- addresses -----------------------------------------------------------------------------------


def test_url_for_puts_the_owner_back(routed):
    assert get(routed, "/plugins/probe/g/apollo/links", "alice").text.split() == [
        "/plugins/probe/g/apollo/",
        "/plugins/probe/g/apollo/3",
        "/plugins/probe/g/mercury/",
        "/plugins/probe/u/alice/",
        "/plugins/probe/",
        "http://localhost/plugins/probe/g/apollo/",
        "/plugins/probe/g/apollo/",
        "/groups/apollo/",
    ]


def test_plugin_url_works_on_pages_of_the_core(routed):
    with routed.app.test_request_context("/"), routed.arrange("read"):
        group = find_group("gemini", find_user("root"))
        plugin = routed.engine.plugins["probe"].instance
        assert plugin.url("of_number", group=group, number=5) == "/plugins/probe/g/gemini/5"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/plugin/probe/", "/plugins/probe/"),
        ("/plugin/probe/any?x=1&y=%C3%BC", "/plugins/probe/any?x=1&y=%C3%BC"),
        ("/plugin/probe/g/apollo/", "/plugins/probe/g/apollo/"),
        ("/plugin/nosuch/x?y", "/plugins/nosuch/x?y"),
        ("/plugin/probe//evil.example/", "/plugins/probe/evil.example/"),
    ],
)
def test_the_address_of_seed_001_leads_to_todays(routed, old, new):
    answer = get(routed, old)
    while "localhost" in answer.location:  # doubled slashes are made single first
        answer = get(routed, answer.location.removeprefix("http://localhost"))
    assert (answer.status_code, answer.location) == (308, new)


def test_an_old_address_answers_a_post_too_and_keeps_method_and_form(routed):
    """308, not 302: what was posted to the old address is posted to the new one."""
    answer = routed.client().post("/plugin/probe/any", data={"x": 1})
    assert (answer.status_code, answer.location) == (308, "/plugins/probe/any")


# -- static files --------------------------------------------------------------------------------


def test_a_static_file_is_kept_for_a_year_under_the_codes_own_address(routed):
    with routed.app.test_request_context("/"):
        address = routed.engine.plugins["probe"].instance.static_url("a.css")
    with get(routed, address) as answer:
        assert answer.text == "a {}"
        assert answer.mimetype == "text/css"
        assert answer.cache_control.max_age == 365 * 24 * 3600


@pytest.mark.parametrize("version", ["", "?v=", "?v=0123456789ab"])
def test_a_static_file_under_another_address_is_asked_for_again(routed, version):
    with get(routed, f"/plugins/probe/static/a.css{version}") as answer:
        assert answer.status_code == 200
        assert not answer.cache_control.max_age


@pytest.mark.parametrize(
    "name", ["b.css", "../views.py", "..%2fviews.py", "%2e%2e/config.yml", "/etc/passwd", ""]
)
def test_nothing_but_static_files_is_served(routed, name):
    assert get(routed, f"/plugins/probe/static/{name}").status_code in (404, 308)
    assert get(routed, f"/plugins/probe/static/{name}", follow_redirects=True).status_code == 404


def test_static_files_of_a_plugin_without_any_are_404(routed, make_plugin):
    make_plugin("bare")
    routed.enable("bare")
    assert get(routed, "/plugins/bare/static/a.css").status_code == 404


def test_a_plugin_knows_its_addresses_without_a_request(
    make_plugin: MakePlugin, site: PluginSite
) -> None:
    """Jobs and callbacks run outside any request."""
    views = """
        from flask import Blueprint

        bp = Blueprint("probe", __name__)


        @bp.get("/g/<group>/page/<int:number>")
        def page(number):
            return "page"
        """
    make_plugin("probe", files={"views.py": views})
    site.enable("probe")
    with site.arrange():
        group = make_group("apollo")
        plugin = site.engine.plugins["probe"].instance
        assert plugin.url("page", group=group, number=7) == "/plugins/probe/g/apollo/page/7"
