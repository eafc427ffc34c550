"""What call_hook gets and what its changes mean: DIRS, TITLES, selected (seed 004; engineering 2 (m))."""

import re

import pytest

from tests.factories import make_group, make_user
from tests.pluginengine.gforge import EVERYWHERE, answering, calls, incidents, tabs, written


@pytest.fixture
def running(site, make_plugin):
    """Write a plugin with this class body, enable it, and return the site."""

    def run(body: str, **config: object):
        make_plugin("probe", config={**EVERYWHERE, **config}, files=written(body))
        site.enable("probe")
        return site

    return run


@pytest.fixture(autouse=True)
def apollo(site):
    """A group, and a person who is site admin."""
    with site.arrange():
        site.group = make_group("apollo")
        site.admin = make_user("root", is_site_admin=True)


# -- groupmenu: DIRS, TITLES, selected -----------------------------------------------------------


def test_groupmenu_gets_the_seeds_mapping_filled_with_the_tabs_so_far(running):
    """Seed 004: exactly its names and types; engineering 2 (m): copies."""
    site = running(answering("groupmenu", "CALLS.append(dict(params))"))
    found, _marked = tabs(site, "summary")
    (given,) = calls(site)
    assert list(given) == ["DIRS", "TITLES", "toptab", "selected", "group", "group_id"]
    assert given["DIRS"] == [url for _key, _title, url in found]
    assert given["TITLES"] == [title for _key, title, _url in found]
    assert (given["toptab"], given["selected"]) == ("summary", 0)
    assert given["group"] == given["group_id"] == site.group.group_id
    assert type(given["group"]) is int


def test_appended_pairs_become_tabs_with_derived_keys(running):
    site = running(
        answering(
            "groupmenu",
            """
            params["DIRS"] += ["/plugins/probe/?group_id=%d" % params["group"], "/two"]
            params["TITLES"] = params["TITLES"] + ["One & all", "Two"]
            return True
            """,
        )
    )
    found, marked = tabs(site)
    group_id = site.group.group_id
    assert found[-2:] == [
        ("probe", "One & all", f"/plugins/probe/?group_id={group_id}"),
        ("probe-2", "Two", "/two"),
    ]
    assert marked == "summary"
    assert incidents(site) == []


def test_a_later_handler_sees_what_an_earlier_one_added(site, make_plugin):
    add = """
        CALLS.append(list(params["TITLES"]))
        params["DIRS"].append("/x")
        params["TITLES"].append(self.code)
    """
    make_plugin("alpha", config=EVERYWHERE, files=written(answering("groupmenu", add)))
    make_plugin("probe", config=EVERYWHERE, files=written(answering("groupmenu", add)))
    site.enable("alpha", "probe")
    tabs(site)
    assert calls(site)[0][-1] == "alpha"


@pytest.mark.parametrize(
    ("index", "marked"),
    [("len(params['DIRS']) - 1", "probe"), ("0", "summary"), ("params['selected']", "files")],
)
def test_setting_selected_marks_the_tab_with_that_index(running, index, marked):
    """Seed 004: an array index of the tabs; else the page's own key applies."""
    site = running(
        answering(
            "groupmenu",
            f"""
            params["DIRS"].append("/x")
            params["TITLES"].append("X")
            params["selected"] = {index}
            """,
        )
    )
    assert tabs(site, "files")[1] == marked


def test_the_page_marks_the_selected_tab_and_no_other(running):
    site = running(
        answering(
            "groupmenu",
            """
            params["DIRS"].append("/x")
            params["TITLES"].append("Chosen")
            params["selected"] = len(params["DIRS"]) - 1
            """,
        )
    )
    page = site.client().get("/groups/apollo/").get_data(as_text=True)
    bar = re.search(r'<nav class="tabs".*?</nav>', page, re.DOTALL).group()
    current = re.findall(r'<a[^>]*aria-current="page"[^>]*>.*?<span>(.*?)</span>', bar, re.DOTALL)
    assert current == ["Chosen"]


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ("params['DIRS'].append('/x')", "1 addresses were appended to DIRS and 0 titles"),
        ("params['DIRS'][0] = '/x'", "DIRS was changed otherwise than by appending"),
        ("params['TITLES'].pop()", "TITLES was changed otherwise"),
        ("del params['DIRS']", "DIRS was changed otherwise"),
        ("params['DIRS'].append(3); params['TITLES'].append('x')", "no text was appended to DIRS"),
        ("params['DIRS'].append('javascript:x'); params['TITLES'].append('x')", "javascript:x"),
        ("params['DIRS'].append(''); params['TITLES'].append('x')", "needs an address"),
        ("params['selected'] = 99", "selected was set to 99"),
        ("params['selected'] = 'x'", "selected was set to 'x'"),
        ("return 3", "groupmenu expects MenuItem or Selected in the list, got int"),
        ("raise SystemExit(3)", "SystemExit"),
    ],
)
def test_nonsense_costs_the_handler_its_tabs_and_is_named(running, change, cause):
    site = running(answering("groupmenu", change))
    found, marked = tabs(site)
    assert [key for key, _title, _url in found] == ["summary"]
    assert marked == "summary"
    (incident,) = incidents(site)
    assert incident.startswith("probe groupmenu call_hook: ")
    assert cause in incident
    assert site.client().get("/groups/apollo/").status_code == 200


def test_a_keyword_handler_can_select_a_tab_too(running):
    site = running(
        """
        def get_hooks(self):
            return ["groupmenu"]

        def groupmenu(self, group):
            return [MenuItem(key="own", title=group.name, url="/x"), Selected(key="own")]

        def call_hook(self, name, params):
            raise AssertionError("the method wins")
        """
    )
    found, marked = tabs(site)
    assert (found[-1], marked) == (("own", "apollo", "/x"), "own")


# -- other hooks ---------------------------------------------------------------------------------


def test_the_sub_menu_is_shown_when_it_is_printed_and_when_it_is_returned(running):
    """Seed 004, usermenu: "this hook should use the PrintSubMenu method"."""
    site = running(
        answering(
            "usermenu",
            """
            CALLS.append(dict(params))
            PrintSubMenu("First", "/one")
            print_sub_menu("Second", "/two")
            return None
            """,
        )
    )
    with site.arrange("read"), site.app.test_request_context("/"):
        found = site.engine.hooks.collect("usermenu", user=site.admin)
    own = [(item.key, item.title, item.url) for item in found][-2:]
    assert own == [("probe", "First", "/one"), ("probe-2", "Second", "/two")]
    assert calls(site) == [{}]


@pytest.mark.parametrize(
    ("hook", "params", "expected"),
    [
        ("project_after_description", {"group"}, {"group_id"}),
        ("groupisactivecheckbox", {"group", "plugin", "enabled"}, {"group_id"}),
        ("site_admin_option_hook", set(), set()),
        ("cssfile", {"group", "group_id", "user", "user_id"}, set()),
        ("user_personal_links", {"user"}, {"user", "user_id", "viewer"}),
        (
            "group_plugin_changing",
            {"group", "plugin", "enable"},
            {"group", "group_id", "plugin", "enable"},
        ),
    ],
)
def test_each_hook_gives_the_seeds_names_and_beyond_its_list_its_own(
    running, hook, params, expected
):
    """spec/hooks.md; ids are numbers for the seed's hooks, objects are handed through beyond them."""
    site = running(answering(hook, "CALLS.append(dict(params))"))
    values = {"group": site.group, "user": site.admin, "group_id": 1, "user_id": 1}
    values |= {"plugin": "probe", "enabled": True, "enable": True}
    with site.arrange("read"), site.app.test_request_context("/"):
        kind = site.engine.catalogue.get(hook).kind
        getattr(site.engine.hooks, kind)(hook, **{name: values[name] for name in params})
    (given,) = calls(site)
    assert set(given) == expected
    if expected == {"group_id"}:
        assert given["group_id"] == site.group.group_id
    if "group" in expected:
        assert given["group"] is site.group


def test_the_mapping_is_new_for_every_call(running):
    site = running(answering("site_admin_option_hook", "CALLS.append(params)\nparams['x'] = 1"))
    with site.arrange("read"), site.app.test_request_context("/"):
        site.engine.hooks.collect("site_admin_option_hook")
        site.engine.hooks.collect("site_admin_option_hook")
    first, second = calls(site)
    assert first is not second


def test_truth_is_no_value_in_this_style(running):
    """PHP plugins end in ``return true``; only hooks that ask for a verdict make anything of it."""
    site = running(answering("site_admin_option_hook", "return True"))
    with site.arrange("read"), site.app.test_request_context("/"):
        site.engine.hooks.collect("site_admin_option_hook")
    assert incidents(site) == []
