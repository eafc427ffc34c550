"""The seed's return forms on the pages where they end up, and a wrong one contained (seed 004)."""

import re

import pytest

from tests.factories import make_group, make_member, make_user

EVERYWHERE = {"scope": ["site", "group", "user"], "policy": {"group": "forced", "user": "forced"}}


@pytest.fixture
def page(site, make_plugin):
    """Answer one hook by these lines, and return the text of a page as the site's admin sees it."""

    def look(hook: str, answer: str, path: str) -> str:
        methods = f"def answer(self):\n    return {answer}"
        make_plugin("probe", config=EVERYWHERE, events={hook: ["answer"]}, methods=methods)
        site.enable("probe")
        with site.arrange():
            admin = make_user("root", is_site_admin=True)
            make_member(make_group("apollo"), admin, "Admin")
        answer_of_page = site.client(admin).get(path)
        assert answer_of_page.status_code == 200
        return answer_of_page.get_data(as_text=True)

    return look


def errors(site) -> list[str]:
    return [each.error for each in site.runtime.health.incidents()]


def test_a_link_element_is_loaded_by_the_page(site, page):
    text = page(
        "cssfile", '\'<link rel="stylesheet" href="/plugins/probe/a.css" media="print">\'', "/"
    )
    (element,) = re.findall(r"<link[^>]*/plugins/probe/a\.css[^>]*>", text)
    assert 'media="print"' in element
    assert errors(site) == []


def test_a_list_item_is_shown_in_site_admin(site, page):
    answer = '\'<li><a href="/plugins/probe/" onclick="x()">Set <b>up</b></a>: all of it</li>\''
    text = page("site_admin_option_hook", answer, "/admin/")
    assert '<a class="row-link" href="/plugins/probe/">Set up</a>' in text
    assert "all of it" in text
    assert "onclick" not in text
    assert errors(site) == []


@pytest.mark.parametrize(
    ("hook", "path"),
    [
        ("groupisactivecheckbox", "/groups/apollo/admin/plugins"),
        ("userisactivecheckbox", "/my/settings"),
    ],
)
def test_a_row_of_two_cells_stands_beside_the_switch(site, page, hook, path):
    answer = '\'<tr><td>Colour</td><td><input name="probe_colour" value="red"></td></tr>\''
    text = page(hook, answer, path)
    assert re.search(
        r'<label class="toggle-field">Colour <input name="probe_colour" value="red"', text
    )
    assert "<td>Colour" not in text
    assert errors(site) == []


@pytest.mark.parametrize(
    ("hook", "answer", "path", "cause"),
    [
        ("cssfile", "'/a.css'", "/", "one complete <link"),
        ("cssfile", "'<script src=\"/x.js\"></script>'", "/", "one complete <link"),
        ("site_admin_option_hook", "'<li>words</li>'", "/admin/", "one <li> with one <a"),
        ("site_admin_option_hook", "3", "/admin/", "expects Link or a list of them, got int"),
        (
            "groupisactivecheckbox",
            "'<tr><td>A</td><td><input name=\"theirs\"></td></tr>'",
            "/groups/apollo/admin/plugins",
            "must be called probe_<field>",
        ),
    ],
)
def test_another_text_costs_the_handler_its_place_and_is_named(
    site, page, hook, answer, path, cause
):
    text = page(hook, answer, path)
    assert 'name="theirs"' not in text
    assert errors(site)
    assert all(cause in error for error in errors(site))
