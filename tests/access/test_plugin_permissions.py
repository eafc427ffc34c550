"""A plugin's permissions on a site: in the editors while it is on, kept while it is away, gone when purged."""

import io
import json
from collections.abc import Sequence
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from portal.access.decisions import can
from portal.access.models import Role, RolePermission, UserPermission
from portal.access.queries import roles_of
from portal.access.roles import create_role, update_role
from portal.access.services import add_member
from portal.access.sitegrants import grant_system, set_system_permissions
from portal.accounts.loading import find_user
from portal.accounts.models import User
from portal.core.audit.models import AuditEntry
from portal.core.database import db
from portal.groups.models import Group
from portal.groups.queries import find_group
from portal.pluginengine.belongings import belongings_of
from portal.pluginengine.export import export_plugin
from tests.factories import make_group, make_user
from tests.fixtures.databases import postgresql_slowly
from tests.fixtures.plugins import PluginSite, write_plugin

pytestmark = postgresql_slowly

CREATE_BLOG, EDIT = "system.create_blog", "group.wiki_edit"
PERMISSIONS = {
    CREATE_BLOG: {"label": "Create Blogs", "group": "sys_admin", "order": 100},
    "blog.wiki_edit": {"label": "Edit pages", "group": "auth_pub", "inherit_from": ["blog.wiki_view"],
                       "permitted_action": {"save_page": 1}},
    "blog.wiki_view": {"label": "View pages", "group": "auth_pub", "order": 10},
    "blog.wiki_inner": {"label": "Inner", "display": 0},
}  # fmt: skip
VIEWS = """
    from flask import Blueprint
    from portal.pluginapi import can, requires

    bp = Blueprint("wiki", __name__)


    @bp.get("/g/<group>/")
    @requires("group.wiki_edit")
    def edit():
        return f"may create: {can('system.create_blog')}"
"""


@pytest.fixture
def wiki(site: PluginSite, plugin_folder: Path) -> PluginSite:
    """A site whose group gemini (private) uses the plugin wiki; bob holds its permissions, alice runs it."""
    config = {"permissions": PERMISSIONS, "scope": ["group"]}
    write_plugin(plugin_folder, "wiki", config=config, files={"views.py": VIEWS})
    site.enable("wiki")
    with site.arrange():
        make_user("root", is_site_admin=True)
        alice, bob = make_user("alice"), make_user("bob")
        gemini = make_group("gemini", is_public=False)
        add_member(gemini, alice, "Admin")
        create_role(gemini, "Editor", [EDIT, "group.read"])
        add_member(gemini, bob, "Editor")
        gemini.set_plugin_usage("wiki", True)
        grant_system(bob, CREATE_BLOG)
    return site


def person(name: str) -> User:
    """Return an account that is there."""
    found = find_user(name)
    assert found is not None
    return found


def gemini() -> Group:
    """Return the group, as its site admin sees it."""
    return find_group("gemini", person("root"))


def stored() -> set[str]:
    """Return every grant of roles and people that is in the database."""
    return {
        *db.session.scalars(select(RolePermission.permission)),
        *db.session.scalars(select(UserPermission.permission)),
    }


def test_permissions_stand_in_the_editors_the_moment_the_plugin_is_enabled(
    wiki: PluginSite,
) -> None:
    """M-27, M-28: automatically, assignable to users and roles; M-31, M-32: in their section and order."""
    with wiki.arrange():
        alice, root = person("alice"), person("root")
    page = wiki.client(alice).get("/groups/gemini/admin/roles/new").text
    assert (
        page.index("Authoring and publishing") < page.index("View pages") < page.index("Edit pages")
    )
    assert 'value="group.wiki_inner"' not in page
    assert "not used here" not in page
    page = wiki.client(root).get("/admin/users/bob/permissions").text
    order = [page.index(each) for each in ("Administer the site", "Create Blogs", "Approve new")]
    assert order == sorted(order)
    assert 'value="system.create_blog" checked' in page
    assert "Create Blogs" in wiki.client(root).get("/admin/roles/new").text


def test_who_was_granted_a_permission_holds_it_and_what_it_inherits(wiki: PluginSite) -> None:
    """M-27; spec 3.3.5: actions are answered, too; what nobody declares is held by nobody."""
    with wiki.arrange():
        alice, bob, root = person("alice"), person("bob"), person("root")
        for holder in (alice, bob, root):
            assert can(holder, EDIT, gemini())
            assert can(holder, "group.wiki_view", gemini())
            assert can(holder, "save_page", gemini())
            assert not can(holder, "paint_page", gemini())
            assert not can(holder, "group.nobody_declares", gemini())
        assert can(bob, CREATE_BLOG)
        assert not can(alice, CREATE_BLOG)
        assert not can(None, EDIT, gemini())
    assert wiki.client(bob).get("/plugins/wiki/g/gemini/").text == "may create: True"


def test_where_the_plugin_is_not_used_its_group_permissions_are_held_by_nobody(
    wiki: PluginSite,
) -> None:
    """Design 6: one predicate decides, site admins included; the site's permission does not depend on it."""
    with wiki.arrange():
        gemini().set_plugin_usage("wiki", False)
    with wiki.arrange():
        alice, bob, root = person("alice"), person("bob"), person("root")
        for holder in (alice, bob, root):
            assert not can(holder, EDIT, gemini())
            assert not can(holder, "save_page", gemini())
        assert can(bob, "group.read", gemini())
        assert can(bob, CREATE_BLOG)
    page = wiki.client(alice).get("/groups/gemini/admin/roles/new").text
    assert "Edit pages" in page
    assert "not used here" in page


@pytest.mark.parametrize("verb", ["disable", "uninstall"])
def test_grants_are_kept_inactive_while_the_plugin_is_away_and_survive_a_saved_role(
    wiki: PluginSite, verb: str
) -> None:
    """Spec 3.3.5: ignored by checks, listed as inactive, kept on saving; they return with the plugin."""
    wiki.operate(verb, "wiki")
    with wiki.arrange():
        alice, bob, root = person("alice"), person("bob"), person("root")
        for holder in (bob, root):
            assert not can(holder, EDIT, gemini())
            assert not can(holder, CREATE_BLOG)
    with wiki.arrange():
        roles = {role.name: role.role_id for role in _roles()}
    address = f"/groups/gemini/admin/roles/{roles['Editor']}/"
    client = wiki.client(alice)
    page = client.get(address).text
    assert "Inactive" in page
    assert EDIT in page
    sent = {"name": "Editor", "description": "Writes", "permissions": ["group.read"]}
    assert client.post(address, data=sent).status_code == 303
    with wiki.arrange():
        set_system_permissions(person("bob"), [])
        assert stored() >= {EDIT, CREATE_BLOG}
    if verb == "uninstall":
        wiki.operate("register", "wiki")
    wiki.operate("enable", "wiki")
    with wiki.arrange():
        assert can(person("bob"), EDIT, gemini())
        assert can(person("bob"), CREATE_BLOG)


def test_a_quarantined_plugins_permissions_are_held_by_nobody(wiki: PluginSite) -> None:
    """Quarantine is as good as off; nothing is lost."""
    db_rows = "UPDATE plugins SET load_state = 'quarantined'"
    with wiki.arrange():
        db.session.connection().exec_driver_sql(db_rows)
    wiki.refresh()
    with wiki.arrange():
        assert not can(person("bob"), EDIT, gemini())
        assert EDIT in stored()


def test_an_export_names_who_holds_them(wiki: PluginSite) -> None:
    """Before a purge takes them along."""
    wiki.operate("uninstall", "wiki")
    target = io.BytesIO()
    with wiki.app.app_context():
        export_plugin("wiki", target)
    lines = ZipFile(target).read("choices/grants.jsonl").decode().splitlines()
    assert [json.loads(line) for line in lines] == [
        {"permission": EDIT, "group": "gemini", "role": "Editor"},
        {"permission": CREATE_BLOG, "user": "bob"},
    ]


def test_a_purge_counts_the_grants_first_and_takes_them_along(wiki: PluginSite) -> None:
    """Design 6: purge drops grants; what others own stays."""
    with wiki.arrange():
        root = person("root")
        assert belongings_of("wiki").holdings == (("Grants of its permissions", 2),)
    wiki.operate("uninstall", "wiki")
    page = wiki.client(root).get("/admin/plugins/wiki/purge").text
    assert "Grants of its permissions" in page
    wiki.operate("purge", "wiki")
    with wiki.arrange():
        assert not {EDIT, CREATE_BLOG} & stored()
        assert "group.read" in stored()
        purged = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "plugin.purge"))
        assert purged.one().old_values["grants"] == 2


def test_what_is_not_displayed_survives_a_saved_role(wiki: PluginSite) -> None:
    """Spec 3.3.5, display: nobody could tick it again."""
    with wiki.arrange():
        editor = next(role for role in _roles() if role.name == "Editor")
        db.session.add(RolePermission(role_id=editor.role_id, permission="group.wiki_inner"))
        db.session.flush()
        update_role(gemini(), editor, name="Editor", description="", permissions=[EDIT])
        assert "group.wiki_inner" in stored()


def test_every_grant_of_a_plugins_permission_is_in_the_audit_log(wiki: PluginSite) -> None:
    """Spec 3.3.5: every grant change is written to the audit log."""
    with wiki.arrange():
        entries = list(db.session.scalars(select(AuditEntry)))
    told = [str(each.new_values) for each in entries if each.action in ("grant.add", "role.create")]
    assert any(CREATE_BLOG in each for each in told)
    assert any(EDIT in each for each in told)


def test_a_clash_keeps_the_later_plugin_from_running_and_says_why(
    wiki: PluginSite, plugin_folder: Path
) -> None:
    """Spec 3.3.5: redefining a permission of another is a load error, reported by name."""
    write_plugin(plugin_folder, "rival", config={"permissions": {EDIT: {"label": "Mine"}}})
    wiki.force("rival")
    assert set(wiki.engine.plugins) == {"wiki"}
    assert "the plugin wiki has declared" in wiki.engine.problems["rival"].cause


def _roles() -> Sequence[Role]:
    return roles_of(gemini().group_id)
