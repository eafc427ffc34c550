"""The pages of helloworld: who sees what, and who may do what."""

from collections.abc import Iterable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.access.roles import create_role
from portal.access.services import add_member
from portal.accounts.loading import find_user
from portal.core.database import db
from portal.groups.queries import find_group
from tests.factories import make_group, make_member, make_user
from tests.fixtures.plugins import PluginSite

GROUP = "/plugins/helloworld/g/apollo/"
OTHER_GROUP = "/plugins/helloworld/g/mercury/"
ADMIN = "/plugins/helloworld/admin/"


@pytest.fixture
def hello(site: PluginSite) -> PluginSite:
    """Alice runs apollo, which uses helloworld, and mercury, which does not; Bob is in both."""
    site.enable("helloworld")
    with site.arrange():
        alice, bob = make_user("alice"), make_user("bob")
        make_user("carol")
        make_user("root", is_site_admin=True)
        for name, used in (("apollo", True), ("mercury", False)):
            group = make_group(name)
            make_member(group, alice, "Admin")
            make_member(group, bob)
            assert group.set_plugin_usage("helloworld", used)
        for person in (alice, bob):
            person.set_plugin_usage("helloworld", True)
    return site


def browser(hello: PluginSite, name: str = "") -> FlaskClient:
    """Return a browser in which the person of that name is signed in."""
    if not name:
        return hello.client()
    with hello.arrange("read"):
        return hello.client(find_user(name))


def greet(hello: PluginSite, name: str, *texts: str, where: str = GROUP) -> TestResponse:
    """Let a person leave greetings; returns the last answer."""
    client = browser(hello, name)
    answers = [client.post(where, data={"text": text}) for text in texts]
    return answers[-1]


def order_on(page: TestResponse, words: Iterable[str]) -> list[str]:
    """Return the words in the order in which the page has them."""
    return sorted((word for word in words if word in page.text), key=page.text.index)


def test_group_without_greetings_says_what_to_do_next(hello):
    assert "Leave the first one above." in browser(hello, "bob").get(GROUP).text
    assert "Its members can leave the first one." in browser(hello).get(GROUP).text


def test_member_leaves_a_greeting_that_everybody_sees(hello):
    answer = greet(hello, "bob", "  Good   morning ")
    page = browser(hello).get(GROUP)
    assert (answer.status_code, answer.location) == (303, GROUP)
    assert "Good morning" in page.text


def test_member_is_told_that_the_greeting_is_there(hello):
    page = browser(hello, "bob").post(GROUP, data={"text": "Hello"}, follow_redirects=True)
    assert "Your greeting is there for everybody in the group to see." in page.text


def test_greeting_is_escaped(hello):
    greet(hello, "bob", "<b>loud</b>")
    assert "&lt;b&gt;loud&lt;/b&gt;" in browser(hello).get(GROUP).text


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "Write a few words."),
        ("   ", "Write a few words."),
        ("x" * 201, "longer than 200"),
    ],
)
def test_faulty_greeting_is_refused_at_its_field(hello, text, error):
    answer = greet(hello, "bob", text)
    assert answer.status_code == 422
    assert error in answer.text
    assert not hello.rows("plugin_helloworld_greeting")


def test_the_same_greeting_twice_in_a_row_is_refused(hello):
    answer = greet(hello, "bob", "Hello", "Hello")
    assert answer.status_code == 422
    assert "You have said just that already." in answer.text
    assert len(hello.rows("plugin_helloworld_greeting")) == 1


def test_only_members_greet(hello):
    outsider = greet(hello, "carol", "Let me in")
    anonymous = browser(hello).post(GROUP, data={"text": "Let me in"})
    assert outsider.status_code == 403
    assert anonymous.status_code == 401
    assert not hello.rows("plugin_helloworld_greeting")
    assert "<form" not in browser(hello).get(GROUP).text.partition('id="content"')[2]


def test_reading_writes_nothing(hello):
    greet(hello, "bob", "Hello")
    before = hello.rows("plugin_helloworld_greeting")
    for address in (GROUP, "/plugins/helloworld/u/bob/", ADMIN):
        assert browser(hello, "root").get(address).status_code == 200
    assert hello.rows("plugin_helloworld_greeting") == before


def number_of(hello: PluginSite, text: str) -> int:
    """Return the key of the greeting with that text."""
    return next(row[0] for row in hello.rows("plugin_helloworld_greeting") if text in row)


def delete_first(hello: PluginSite, name: str, where: str = GROUP) -> int:
    """Let a person delete the greeting with the smallest number; returns the status of the answer."""
    greeting_id = min(row[0] for row in hello.rows("plugin_helloworld_greeting"))
    return browser(hello, name).post(f"{where}{greeting_id}/delete").status_code


@pytest.mark.parametrize(("name", "status"), [("bob", 303), ("alice", 303), ("root", 303)])
def test_author_and_administrators_delete_a_greeting(hello, name, status):
    greet(hello, "bob", "Hello")
    assert delete_first(hello, name) == status
    assert not hello.rows("plugin_helloworld_greeting")


@pytest.mark.parametrize(("name", "status"), [("bob", 403), ("carol", 403), ("", 401)])
def test_nobody_else_deletes_a_greeting(hello, name, status):
    greet(hello, "alice", "Hello")
    assert delete_first(hello, name) == status
    assert len(hello.rows("plugin_helloworld_greeting")) == 1


def test_who_was_given_the_permission_deletes_the_greetings_of_others(hello):
    greet(hello, "alice", "Hi")
    with hello.arrange():
        group = find_group("apollo", None)
        role = create_role(group, "Moderator", ["group.helloworld_edit"])
        add_member(group, find_user("bob"), role)
    assert delete_first(hello, "bob") == 303


def test_delete_button_shows_to_those_who_may_delete(hello):
    greet(hello, "alice", "Hello")
    shown = {
        name: "Delete this greeting" in browser(hello, name).get(GROUP).text
        for name in ("alice", "bob", "carol", "root", "")
    }
    assert shown == {"alice": True, "bob": False, "carol": False, "root": True, "": False}


def test_greeting_of_another_group_is_not_to_be_had_through_this_one(hello):
    with hello.arrange():
        group = make_group("gemini", is_public=False)
        make_member(group, find_user("bob"), "Admin")
        group.set_plugin_usage("helloworld", True)
    greet(hello, "alice", "Hello")
    assert delete_first(hello, "bob", where="/plugins/helloworld/g/gemini/") == 404
    assert len(hello.rows("plugin_helloworld_greeting")) == 1


def test_pages_of_a_group_that_does_not_use_the_plugin_are_404(hello):
    client = browser(hello, "alice")
    assert client.get(OTHER_GROUP).status_code == 404
    assert client.post(OTHER_GROUP, data={"text": "Hello"}).status_code == 404
    assert client.post(f"{OTHER_GROUP}1/delete").status_code == 404


def test_the_words_above_the_greetings_are_the_groups_else_the_sites(hello):
    assert "have to say to each other." in browser(hello).get(GROUP).text
    site, group = {"setting_greeting": "Hello, world"}, {"setting_greeting": "Hello, Apollo"}
    browser(hello, "root").post("/admin/plugin/helloworld/config", data=site)
    assert "Hello, world" in browser(hello).get(GROUP).text
    browser(hello, "alice").post("/groups/apollo/admin/plugins/helloworld/", data=group)
    assert "Hello, Apollo" in browser(hello).get(GROUP).text


def test_newest_greetings_come_first_and_pages_lead_to_each_other(hello):
    texts = [f"greeting number {number:02}" for number in range(45)]
    greet(hello, "bob", *texts)
    client = browser(hello)
    first = client.get(GROUP)
    second = client.get(f"{GROUP}?after={number_of(hello, texts[25])}")
    assert order_on(first, texts) == texts[:24:-1]
    assert order_on(second, texts) == texts[24:4:-1]
    assert 'rel="next"' in first.text
    assert 'rel="prev"' not in first.text
    back = client.get(f"{GROUP}?before={number_of(hello, texts[24])}")
    assert order_on(back, texts) == texts[:24:-1]


@pytest.mark.parametrize("place", ["x", "-1", "1.5", "9" * 30, "%C2%B2"])
def test_nonsense_for_a_page_shows_the_first(hello, place):
    greet(hello, "bob", "Hello")
    assert "Hello" in browser(hello).get(f"{GROUP}?after={place}").text


def test_person_page_shows_what_the_viewer_may_see(hello):
    with hello.arrange():
        group = make_group("gemini", is_public=False)
        make_member(group, find_user("bob"))
        group.set_plugin_usage("helloworld", True)
    greet(hello, "bob", "In public")
    greet(hello, "bob", "Among us", where="/plugins/helloworld/g/gemini/")
    address = "/plugins/helloworld/u/bob/"
    seen = {name: browser(hello, name).get(address).text for name in ("bob", "carol", "")}
    assert {name: "In public" in text for name, text in seen.items()} == dict.fromkeys(seen, True)
    assert {name: "Among us" in text for name, text in seen.items()} == {
        "bob": True,
        "carol": False,
        "": False,
    }


def test_person_page_leaves_out_groups_that_no_longer_use_the_plugin(hello):
    greet(hello, "bob", "Hello")
    with hello.arrange():
        find_group("apollo", None).set_plugin_usage("helloworld", False)
    page = browser(hello, "bob").get("/plugins/helloworld/u/bob/")
    assert "No greeting to show" in page.text


def test_person_page_of_somebody_who_does_not_use_the_plugin_is_404(hello):
    assert browser(hello, "carol").get("/plugins/helloworld/u/carol/").status_code == 404


@pytest.mark.parametrize(
    ("name", "reading", "deleting"), [("root", 200, 303), ("alice", 403, 403), ("", 302, 401)]
)
def test_only_site_admins_have_the_admin_page(hello, name, reading, deleting):
    client = browser(hello, name)
    assert client.get(ADMIN).status_code == reading
    assert client.post(f"{ADMIN}apollo/delete").status_code == deleting


def test_site_admin_counts_and_deletes_the_greetings_of_a_group(hello):
    greet(hello, "bob", "One", "Two")
    client = browser(hello, "root")
    assert '<td class="cell-end">2</td>' in client.get(ADMIN).text
    answer = client.post(f"{ADMIN}apollo/delete", follow_redirects=True)
    assert "2 greetings of Apollo deleted." in answer.text
    assert "No greeting anywhere" in answer.text
    assert not hello.rows("plugin_helloworld_greeting")


def test_deleting_the_greetings_of_no_group_is_404(hello):
    assert browser(hello, "root").post(f"{ADMIN}nothing/delete").status_code == 404


def test_a_post_without_its_token_is_refused(hello):
    hello.app.config["WTF_CSRF_ENABLED"] = True
    answer = greet(hello, "bob", "Hello")
    assert answer.status_code == 400
    assert not hello.rows("plugin_helloworld_greeting")


@pytest.mark.parametrize("find", [lambda: find_user("bob"), lambda: find_group("apollo", None)])
def test_greetings_go_with_their_author_and_their_group(hello, find):
    greet(hello, "bob", "Hello")
    with hello.arrange():
        db.session.delete(find())
    assert not hello.rows("plugin_helloworld_greeting")
