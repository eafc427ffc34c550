"""The pages that tell what was changed of a plugin's settings: of the site, of a group, of oneself."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from portal.access.services import add_member
from portal.accounts.departures import erase
from portal.accounts.loading import find_user
from portal.accounts.models import DELETED, User
from portal.core.audit.origins import Origin, audit_context
from portal.core.database import db
from portal.groups import models as groups
from portal.groups.purging import purge_group
from portal.groups.queries import named_group
from portal.pluginengine.settings.declared import declared_settings
from portal.pluginengine.settings.writing import change_settings
from tests.factories import make_group, make_user
from tests.fixtures.databases import postgresql_slowly
from tests.fixtures.plugins import PluginSite, write_plugin

pytestmark = postgresql_slowly

SETTINGS = {
    "greeting": {"label": "Words above", "default": "Hi", "scope": ["site", "group", "user"]},
    "loud": {"type": "boolean", "default": "true", "scope": ["site", "group"]},
    "colour": {"choices": {"r": "Red", "g": "Green"}, "scope": "site"},
    "share": {"type": "number", "choices": {"0.5": "Half", "1": "All"}, "scope": "site"},
    "api": {"secret": "true", "label": "API key", "scope": "site"},
}
SITE_PAGE, GROUP_PAGE, MY_PAGE = (
    "/admin/plugin/Hello/history",
    "/groups/apollo/admin/plugins/hello/history",
    "/my/settings/plugins/hello/history",
)
FORMS = {
    SITE_PAGE: "/admin/plugin/Hello/config",
    GROUP_PAGE: "/groups/apollo/admin/plugins/hello/",
    MY_PAGE: "/my/settings/plugins/hello",
}


def write(place: Path, **settings: object) -> None:
    """Write the plugin Hello with these settings."""
    config = {"settings": settings, "scope": ["group", "user"]}
    write_plugin(place, "Hello", config=config)


@pytest.fixture
def hello(site: PluginSite, plugin_folder: Path) -> PluginSite:
    """A site whose groups apollo (alice's) and mercury (carol's) and bob use the plugin; root is site admin."""
    write(plugin_folder, **SETTINGS)
    site.write_down("Hello")
    with site.arrange():
        for name, admin in (("apollo", "alice"), ("mercury", "carol")):
            group = make_group(name)
            add_member(group, make_user(admin), "Admin")
            group.set_plugin_usage("hello", True)
        for name in ("bob", "dora"):
            make_user(name).set_plugin_usage("hello", True)
        make_user("root", is_site_admin=True)
    return site


def browser(site: PluginSite, user_name: str) -> FlaskClient:
    """Return the browser of a person."""
    with site.arrange():
        return site.client(find_user(user_name))


def change(site: PluginSite, owner: str = "", *resets: str, **values: object) -> None:
    """Change settings of the site, of a group or of a person, who does it; else root does."""
    with site.arrange():
        declared = declared_settings("hello")
        assert declared is not None
        found = (named_group(owner) or find_user(owner)) if owner else None
        actor = found if isinstance(found, User) else find_user("root")
        assert actor is not None
        origin = Origin(actor_id=actor.user_id, actor_name=actor.user_name)
        with audit_context(lambda: origin):
            change_settings(declared, found, values, resets)  # type: ignore[arg-type]


def changed(page: str) -> list[str]:
    """Return the rows of the page's table in words, without the time; an arrow for its picture."""
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    body = re.sub(r'<svg[^>]*aria-label="became".*?</svg>', " → ", body, flags=re.DOTALL)
    rows = [row.partition("</td>")[2] for row in body.split("</tr>")[:-1]]
    return [" ".join(html.unescape(re.sub(r"<[^>]*>", " ", row)).split()) for row in rows]


def test_site_admins_see_every_change_with_whose_it_is(hello: PluginSite) -> None:
    """Issue 8: the site's, all groups', all people's, the latest first."""
    change(hello, greeting="Site")
    change(hello, "apollo", greeting="Ours")
    change(hello, "bob", greeting="Mine")
    page = browser(hello, "root").get(SITE_PAGE).text
    assert changed(page) == [
        "bob Person bob Words above Site → Mine",
        "root Group apollo Words above Site → Ours",
        "root Site – Words above Hi → Site",
    ]
    assert 'href="/admin/users/bob/"' in page
    assert 'href="/admin/groups/apollo/"' in page


def test_a_group_sees_its_own_changes_only(hello: PluginSite) -> None:
    """Neither the site's nor other groups' nor anybody's own."""
    change(hello, greeting="Everywhere")
    change(hello, "apollo", greeting="Ours")
    change(hello, "mercury", greeting="Theirs")
    change(hello, "bob", greeting="Mine")
    alice = browser(hello, "alice")
    assert changed(alice.get(GROUP_PAGE).text) == ["root Words above Everywhere → Ours"]
    csv = alice.get(f"{GROUP_PAGE}?format=csv").text.splitlines()
    assert csv[0] == "happened_at,actor_name,setting,old_value,new_value"
    assert [line.partition(",")[2] for line in csv[1:]] == ["root,hello.greeting,Everywhere,Ours"]
    form = alice.get("/groups/apollo/admin/plugins/hello/").text
    assert GROUP_PAGE in form
    assert "Theirs" not in form
    assert "Mine" not in form


def test_people_see_their_own_changes_only(hello: PluginSite) -> None:
    change(hello, "dora", greeting="Hers")
    change(hello, "apollo", greeting="Ours")
    bob = browser(hello, "bob")
    assert "Nothing was changed yet" in bob.get(MY_PAGE).text
    assert "Nothing was changed yet" in bob.get("/my/settings/plugins/hello").text
    bob.post("/my/settings/plugins/hello", data={"setting_greeting": "Mine"})
    assert changed(bob.get(MY_PAGE).text) == ["bob Words above Hi → Mine"]
    form = bob.get("/my/settings/plugins/hello").text
    assert changed(form) == ["bob Words above Hi → Mine"]
    assert MY_PAGE in form


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        (SITE_PAGE, {"": 302, "bob": 403, "alice": 403, "root": 200}),
        (GROUP_PAGE, {"": 302, "bob": 403, "carol": 403, "alice": 200, "root": 200}),
        (MY_PAGE, {"": 302, "alice": 404, "bob": 200}),
    ],
)
def test_whoever_may_not_set_them_does_not_see_their_history(
    hello: PluginSite, path: str, statuses: dict[str, int]
) -> None:
    """Permissions exactly those of the page where they are set, for the CSV, too."""
    for name, status in statuses.items():
        client = browser(hello, name) if name else hello.client()
        for address in (path, f"{path}?format=csv"):
            assert client.get(address).status_code == status, name
        assert client.get(FORMS[path]).status_code == status, name


def test_values_are_told_in_words_and_secrets_by_whether_they_are_set(hello: PluginSite) -> None:
    change(hello, loud=False, colour="g", api="s3cret")
    change(hello, api="oth3r", share=declared_choice(hello))
    change(hello, "", "api", "colour")
    root = browser(hello, "root")
    told = {line.split("– ")[1] for line in changed(root.get(SITE_PAGE).text)}
    assert told == {
        "Loud yes → no",
        "Colour nothing → Green",
        "Colour Green → nothing",
        "Share nothing → Half",
        "API key not set → set",
        "API key set → changed",
        "API key set → not set",
    }
    csv = root.get(f"{SITE_PAGE}?format=csv").text
    assert "hello.api,set,changed" in csv
    assert "hello.loud,true,false" in csv
    assert "hello.share,,0.5" in csv
    for page in (csv, root.get(SITE_PAGE).text, root.get("/admin/plugin/Hello/config").text):
        assert "s3cret" not in page
        assert "oth3r" not in page


def declared_choice(site: PluginSite) -> object:
    """Return the first choice of the setting ``share``, a number with a point."""
    with site.arrange("read"):
        declared = declared_settings("hello")
        assert declared is not None
        return declared.settings["share"].choices[0][0]


def test_a_setting_that_becomes_a_secret_takes_its_past_with_it(
    hello: PluginSite, plugin_folder: Path
) -> None:
    """What the log has of it was no secret then; it is now. One that is gone is told by its name."""
    change(hello, greeting="Pa55word", loud=False)
    write(plugin_folder, greeting={"label": "Words above", "secret": "true", "scope": "site"})
    hello.refresh()
    root = browser(hello, "root")
    page = root.get(SITE_PAGE).text
    told = {line.split("– ")[1] for line in changed(page)}
    assert told == {"Words above set → changed", "loud (no longer there) yes → no"}
    assert "Pa55word" not in page + root.get(f"{SITE_PAGE}?format=csv").text


def test_the_list_is_filtered_by_setting_person_and_owner_and_paged(hello: PluginSite) -> None:
    for number in range(51):
        change(hello, greeting=f"Site {number}")
    change(hello, loud=False)
    change(hello, "apollo", greeting="Ours")
    change(hello, "bob", greeting="Mine")
    root = browser(hello, "root")

    def rows(query: str) -> list[str]:
        return changed(root.get(f"{SITE_PAGE}?{query}").text)

    assert rows("f.setting.eq=hello.loud") == ["root Site – Loud yes → no"]
    assert rows("f.actor_name.eq=bob") == ["bob Person bob Words above Site 50 → Mine"]
    assert rows("f.scope.eq=group") == ["root Group apollo Words above Site 50 → Ours"]
    assert len(rows("f.scope.ne=site")) == 2
    assert len(rows("f.owner.contains=o")) == 2
    assert rows("f.owner.eq=apollo") == rows("f.scope.eq=group")
    assert rows("sort=happened_at&dir=asc")[0].endswith("Hi → Site 0")
    assert len(rows("")) == 50
    last = html.unescape(re.findall(r'href="([^"]+)">Last<', root.get(SITE_PAGE).text)[0])
    assert changed(root.get(last).text)[-1].endswith("Hi → Site 0")
    page = root.get(f"{SITE_PAGE}?f.setting.eq=hello.nothing").text
    assert "There is no such choice." in page
    assert '<option value="hello.greeting">Words above</option>' in page
    assert root.get(f"{SITE_PAGE}?format=csv").text.count("\n") == 55
    assert len(changed(root.get("/admin/plugin/Hello/config").text)) == 5


def test_the_history_outlives_groups_people_and_the_plugin(hello: PluginSite) -> None:
    """Purged, deleted, disabled, uninstalled, purged: the names stay, and nothing breaks."""
    change(hello, "apollo", greeting="Ours")
    change(hello, "bob", greeting="Mine")
    with hello.arrange():
        apollo, bob = named_group("apollo"), find_user("bob")
        assert apollo is not None
        assert bob is not None
        apollo.status = groups.DELETED
        db.session.flush()
        purge_group(apollo)
        bob.status = DELETED
        erase(bob)
    page = browser(hello, "root").get(SITE_PAGE).text
    assert "root Group apollo Words above Hi → Ours" in changed(page)
    assert "bob Person bob Words above Hi → Mine" in changed(page)
    assert 'href="/admin/groups/apollo/"' not in page
    with hello.arrange():
        make_group("apollo").set_plugin_usage("hello", True)
    assert changed(browser(hello, "root").get(GROUP_PAGE).text) == []
    hello.operate("disable", "Hello")
    assert len(changed(browser(hello, "root").get(SITE_PAGE).text)) == 2
    assert browser(hello, "root").get(GROUP_PAGE).status_code == 404
    hello.operate("uninstall", "Hello")
    assert browser(hello, "root").get(f"{SITE_PAGE}?format=csv").status_code == 200
    hello.operate("register", "Hello")
    hello.operate("uninstall", "Hello", purge=True)
    assert len(changed(browser(hello, "root").get(SITE_PAGE).text)) == 2


def test_the_log_of_the_plugin_leads_there(hello: PluginSite) -> None:
    assert SITE_PAGE in browser(hello, "root").get("/admin/plugins/Hello/log").text
