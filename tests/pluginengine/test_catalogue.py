"""The catalogue: every hook of the two lists stands in it once, with the seed's parameters."""

from __future__ import annotations

import pytest

from portal import plannedhooks
from portal.access.hooks import HOOKS as ACCESS
from portal.accounts.hooks import HOOKS as ACCOUNTS
from portal.groups.hooks import HOOKS as GROUPS
from portal.pluginengine.catalogue import Catalogue, DuplicateHook, UnknownHook
from portal.pluginengine.hooks import HookSpec, HookSpecError
from portal.siteadmin.hooks import HOOKS as SITEADMIN
from portal.web.hooks import HOOKS as WEB
from tests.pluginengine.dispatching import spec

#: Seed 004's list: name to parameters, as written there.
SEED_004 = {
    "after_session_set": (),
    "artifact_extra_detail": ("artifact_id",),
    "before_logout_redirect": (),
    "cssfile": (),
    "cssstyle": (),
    "group_approved": ("group_id",),
    "groupisactivecheckbox": ("group_id",),
    "groupisactivecheckboxpost": ("group_id",),
    "groupmenu": ("DIRS", "TITLES", "toptab", "selected", "group"),
    "groupmenu_scm": ("DIRS", "TITLES", "toptab", "selected", "group_id"),
    "javascript": (),
    "project_admin_plugins": ("group_id",),
    "project_after_description": (),
    "scm_admin_update": ("group_id", "scmradio"),
    "scm_admin_page": ("group_id",),
    "scm_page": ("group_id",),
    "scm_plugin": ("scm_plugins",),
    "scm_stats": ("group_id",),
    "search_engines": (),
    "session_before_login": ("loginname", "passwd"),
    "site_admin_option_hook": (),
    "task_extra_detail": ("task_id",),
    "usermenu": (),
}

#: spec/hooks.md, "The 23 of the GForge list" and "Hooks beyond the list": name to kind.
KINDS = {
    "notify": """after_session_set before_logout_redirect group_approved group_plugin_use
        user_plugin_use close_auth_session user_create user_update user_delete user_setstatus
        user_setemail group_create group_update group_delete group_setstatus group_adduser
        group_removeuser clone_project_from_template""",
    "collect": """artifact_extra_detail cssfile cssstyle groupmenu groupmenu_scm javascript
        project_admin_plugins scm_plugin search_engines site_admin_option_hook task_extra_detail
        usermenu user_personal_links outermenu headermenu javascript_file project_public_area
        groupadminmenu widgets display_auth_form site_admin_user_maintenance_hook
        site_admin_project_maintenance_hook activity admin_tracker_add_actions""",
    "render": """groupisactivecheckbox project_after_description scm_admin_page scm_page scm_stats
        userisactivecheckbox htmlhead message project_before_widgets captcha_form
        scm_browser_page""",
    "check": """groupisactivecheckboxpost scm_admin_update userisactivecheckboxpost
        group_plugin_changing user_plugin_changing user_creating group_updating group_deleting
        user_deleting captcha_check plugin_settings_save""",
    "first": "session_before_login user_logo",
}

FIRED = """groupadminmenu project_before_widgets project_public_area
    groupmenu cssfile project_after_description site_admin_option_hook usermenu
    groupisactivecheckbox groupisactivecheckboxpost userisactivecheckbox userisactivecheckboxpost
    group_plugin_changing group_plugin_use user_plugin_changing user_plugin_use
    user_personal_links after_session_set before_logout_redirect session_before_login cssstyle
    javascript javascript_file htmlhead message outermenu headermenu
    project_admin_plugins display_auth_form close_auth_session user_logo user_creating user_create
    user_update user_setstatus user_setemail user_deleting user_delete group_adduser
    group_removeuser group_approved group_create group_update group_setstatus group_updating
    group_deleting group_delete site_admin_project_maintenance_hook
    site_admin_user_maintenance_hook plugin_settings_save""".split()  # noqa: SIM905 - reads as the issue lists them

DECLARED = (*WEB, *ACCOUNTS, *ACCESS, *GROUPS, *SITEADMIN)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """All hooks of the portal."""
    return Catalogue((*DECLARED, *plannedhooks.HOOKS))


@pytest.mark.parametrize("name", SEED_004)
def test_each_hook_of_the_seed_has_exactly_its_parameters(catalogue: Catalogue, name: str) -> None:
    """Seed 004, the list at its end."""
    assert catalogue.get(name).seed_params == SEED_004[name]


def test_all_twenty_three_are_there() -> None:
    """Seed 004 documents 23 hooks."""
    assert len(SEED_004) == 23


def test_every_name_of_both_tables_is_there_with_its_kind_and_no_other(
    catalogue: Catalogue,
) -> None:
    """spec/hooks.md is the contract."""
    expected = {name: kind for kind, names in KINDS.items() for name in names.split()}
    assert {one.name: one.kind for one in catalogue} == expected


def test_the_hooks_that_are_fired_are_those_that_packages_declare(catalogue: Catalogue) -> None:
    """Declared by their packages, and nowhere marked as planned."""
    assert sorted(one.name for one in catalogue.fired()) == sorted(FIRED)
    assert sorted(one.name for one in DECLARED) == sorted(FIRED)
    assert len(catalogue.planned()) == len(catalogue) - len(FIRED)


def test_every_fired_hook_says_where_it_is_fired(catalogue: Catalogue) -> None:
    """The hook reference is generated from this."""
    assert [one.name for one in catalogue.fired() if not one.fired_in] == []


def test_handlers_get_objects_beside_the_keys_of_the_seed(catalogue: Catalogue) -> None:
    """spec/hooks.md: group_id and user_id come with group and user."""
    for one in catalogue:
        for key, thing in (("group_id", "group"), ("user_id", "user")):
            if key in one.params:
                assert thing in one.params, one.name


def test_unknown_name_is_refused_with_the_nearest(catalogue: Catalogue) -> None:
    """forge.md: two bundled plugins listened to group_approve and nothing warned."""
    with pytest.raises(UnknownHook, match=r"'group_approve'.*Did you mean group_approved"):
        catalogue.get("group_approve")
    with pytest.raises(UnknownHook, match=r"'xyzzy'\.$"):
        catalogue.get("xyzzy")


def test_a_second_declaration_of_a_name_is_refused_naming_both() -> None:
    """Design 3: duplicate is an error; a planned entry counts."""
    catalogue = Catalogue([spec("one", "render", where="here", planned="tracker")])
    with pytest.raises(DuplicateHook, match=r"'one'.*here \(planned for tracker\) and there"):
        catalogue.add(spec("one", "render", where="there"))


def test_membership_length_and_order_of_declaration() -> None:
    """The explorer lists hooks as they are declared."""
    catalogue = Catalogue([spec("two", "render"), spec("one", "render")])
    assert [one.name for one in catalogue] == ["two", "one"]
    assert "one" in catalogue
    assert "three" not in catalogue
    assert len(catalogue) == 2


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"name": "Group Menu"}, "lower-case words"),
        ({"kind": "filter"}, "kind must be one of notify"),
        ({"scope": "project"}, "scope must be one of site"),
        ({"doc": " "}, "doc must say"),
        ({"where": ""}, "where must say"),
        ({"now": True}, "now belongs to notify"),
        ({"scope": "group"}, "needs a parameter group"),
        ({"params": {"asked": "bool"}}, "keywords of the dispatcher"),
        ({"params": {"no name": "bool"}}, "must be identifiers"),
        ({"returns": str}, "a render hook declares no returns"),
        ({"kind": "collect"}, "must declare the class"),
        ({"kind": "first", "planned": "scm"}, "returns_text must name"),
    ],
)
def test_a_wrong_declaration_is_refused(wrong: dict[str, object], fault: str) -> None:
    """An undocumented or impossible hook is an error (design 3)."""
    given: dict[str, object] = {"name": "text", "kind": "render", **wrong}
    with pytest.raises(HookSpecError, match=fault):
        spec(**given)  # type: ignore[arg-type]


def test_all_faults_of_a_declaration_come_at_once() -> None:
    """The text names the hook and every fault."""
    with pytest.raises(HookSpecError, match=r"'text'.*doc must say.*where must say"):
        HookSpec(name="text", kind="render", scope="site", where="", doc="")


def test_a_specification_describes_itself_in_plain_values() -> None:
    """For `portal hooks list --json`."""
    one = spec("menu", "collect", params={"word": "str"}, returns=(str, int), seed_params=("word",))
    described = one.describe()
    assert described["params"] == {"word": "str"}
    assert described["returns"] == "str or int"
    assert described["seed_params"] == ["word"]
    assert spec("text", "render").returns_text == "markup"
    assert spec("told", "notify").returns_text == "nothing"


def test_the_parameters_of_a_specification_cannot_be_changed() -> None:
    """Values that cross packages are frozen."""
    given = {"word": "str"}
    one = spec("told", "notify", params=given)
    given["more"] = "str"
    assert dict(one.params) == {"word": "str"}
    with pytest.raises(TypeError):
        one.params["more"] = "str"  # type: ignore[index]
