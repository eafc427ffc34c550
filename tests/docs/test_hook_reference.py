"""docs/plugins/hooks.md is what the command prints, and its examples are code that runs."""

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from portal.cli.hook_reference import EXAMPLES, read_examples, reference, seed_entries
from portal.cli.root import main
from portal.config import ROOT
from portal.pluginengine.catalogue import Catalogue
from portal.pluginengine.hooks import HookSpec
from tests.factories import make_group, make_member, make_user
from tests.fixtures.plugins import PluginSite

PAGE = ROOT / "docs" / "plugins" / "hooks.md"

#: Values that come with the pages they stand on; their hooks get an example then.
NOT_YET_MADE = {
    "PublicAreaItem",
    "WidgetSpec",
    "SearchEngine",
    "ActivityItem",
    "AdminAction",
}

#: What the examples add, by page: who looks, and what they see of it.
SHOWN = [
    ("/groups/apollo/", "alice", 'href="/plugins/everyhook/g/apollo/"'),
    ("/groups/apollo/", "alice", '<p class="everyhook-note">Apollo meets on Monday at ten.</p>'),
    ("/groups/apollo/", "alice", "/plugins/everyhook/static/everyhook.css?v="),
    ("/groups/apollo/", "alice", "/plugins/everyhook/static/everyhook.js?v="),
    ("/groups/apollo/", "alice", ".everyhook-today { font-weight: 600; }"),
    ("/groups/apollo/", "alice", "dataset.everyhookScript"),
    ("/groups/apollo/", "alice", '<meta name="generator" content="everyhook">'),
    ("/groups/apollo/", "alice", "The build machines rest on Sunday"),
    ("/groups/apollo/", "alice", 'href="/plugins/everyhook/"'),
    ("/groups/apollo/", "alice", 'href="/plugins/everyhook/u/alice/"'),
    ("/groups/apollo/admin/plugins", "alice", 'href="/plugins/everyhook/g/apollo/setup"'),
    ("/groups/apollo/admin/plugins", "alice", 'name="everyhook_colour"'),
    ("/groups/apollo/", "alice", "You have three dates this week."),
    ("/groups/apollo/", "", '>Dates</a> <span class="count">3</span>'),
    ("/groups/apollo/admin/", "alice", "<span>Calendar</span>"),
    ("/users/alice/", "", "What everybody may see."),
    ("/my/settings", "alice", 'name="everyhook_zone"'),
    ("/users/alice/", "", "/plugins/everyhook/static/picture.svg?v="),
    ("/login", "", 'href="/plugins/everyhook/sign-on?next='),
    ("/admin/", "alice", "Holidays of the whole site."),
]


@pytest.fixture
def everyhook(site: PluginSite, plugin_folder: Path) -> PluginSite:
    """A site where alice, a site admin, and her group apollo use the plugin of the examples."""
    shutil.copytree(EXAMPLES, plugin_folder / "everyhook")
    site.enable("everyhook")
    with site.arrange():
        alice = make_user("alice", is_site_admin=True)
        group = make_group("apollo")
        make_member(group, alice, "Admin")
        for owner in (alice, group):
            assert owner.set_plugin_usage("everyhook", True)
        site.alice = alice
    return site


def test_the_page_is_what_the_command_prints() -> None:
    """When it is not: ``portal hooks list --markdown > docs/plugins/hooks.md``."""
    result = CliRunner().invoke(main, ["hooks", "list", "--markdown"])
    assert result.exit_code == 0
    assert PAGE.read_text() == result.stdout


def test_every_hook_has_an_example_unless_its_value_is_still_to_come(site: PluginSite) -> None:
    catalogue = site.engine.catalogue
    without = {spec.name for spec in catalogue} - set(read_examples())
    assert {catalogue.get(name).returns_text for name in without} <= NOT_YET_MADE
    assert [name for name in without if catalogue.get(name).planned is None] == []


def test_no_example_answers_a_hook_that_is_gone(site: PluginSite) -> None:
    assert [name for name in read_examples() if name not in site.engine.catalogue] == []


def test_every_example_is_attached_to_its_hook(everyhook: PluginSite) -> None:
    """The signatures are judged while the plugin is loaded, those of planned hooks too."""
    answered = {
        each.hook for spec in everyhook.engine.catalogue for each in listeners(everyhook, spec)
    }
    assert answered == set(read_examples())


def listeners(site: PluginSite, spec: HookSpec) -> list:
    return [each for each in site.engine.hooks.listeners(spec.name) if each.plugin == "everyhook"]


@pytest.mark.parametrize(("address", "name", "shown"), SHOWN)
def test_what_the_examples_give_is_on_the_pages(
    everyhook: PluginSite, address: str, name: str, shown: str
) -> None:
    client = everyhook.client(everyhook.alice if name else None)
    answer = client.get(address)
    assert answer.status_code == 200
    assert shown in answer.text
    assert everyhook.runtime.health.incidents() == ()


@pytest.mark.parametrize(
    ("address", "sent", "told"),
    [
        ("/groups/apollo/admin/plugins", {}, "There are dates in this calendar."),
        (
            "/groups/apollo/admin/plugins",
            {"use_everyhook": "1", "everyhook_colour": "2 blues"},
            "A colour is one word.",
        ),
        (
            "/my/settings/plugins",
            {"use_everyhook": "1", "everyhook_zone": " "},
            "Name a zone.",
        ),
        ("/my/settings/plugins", {}, "You have dates ahead."),
    ],
)
def test_the_vetoes_of_the_examples_are_told(
    everyhook: PluginSite, address: str, sent: dict[str, str], told: str
) -> None:
    client = everyhook.client(everyhook.alice)
    answer = client.post(address, data={"shown": "everyhook", **sent})
    assert told in answer.text
    assert everyhook.runtime.health.incidents() == ()


def test_the_examples_of_sessions_answer(everyhook: PluginSite) -> None:
    login = {"user_name": "carol@calendar.example", "password": "any"}
    told = "Log in with the name of your account on this site."
    assert told in everyhook.client().post("/login", data=login).text
    answer = everyhook.client(everyhook.alice).post("/logout")
    assert "everyhook=;" in " ".join(answer.headers.getlist("Set-Cookie"))
    assert everyhook.runtime.health.incidents() == ()


def test_every_block_of_the_page_is_an_example() -> None:
    """So that none escapes from being run."""
    blocks = re.findall(r"^```python\n(.*?)\n```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    sources = {each.source for each in read_examples().values()}
    assert {block.partition("\n")[2] for block in blocks} == sources
    assert len(blocks) == len(read_examples())


def test_a_hook_of_the_list_names_what_call_hook_gets(site: PluginSite) -> None:
    """Seed 004's entries first, then those that were missing there."""
    catalogue = site.engine.catalogue
    menu = ["DIRS", "TITLES", "toptab", "selected", "group", "group_id"]
    assert seed_entries(catalogue.get("groupmenu")) == menu
    assert seed_entries(catalogue.get("project_after_description")) == ["group_id"]
    assert seed_entries(catalogue.get("cssfile")) == []
    assert seed_entries(catalogue.get("message"))[0] == "viewer"


def test_what_looks_like_an_element_is_shown_as_text() -> None:
    spec = HookSpec(
        name="probe", kind="notify", scope="site", where="a|b", doc="Name it <handle>_<field>."
    )
    page = reference(Catalogue([spec]), {})
    assert "Name it &lt;handle>_&lt;field>." in page
    assert "a\\|b" in page
