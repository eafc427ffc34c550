"""The tabs that the database has to say something about: who holds a plugin's permissions, and its log."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from portal.access.models import RolePermission
from portal.access.queries import role_named
from portal.access.roles import create_role
from portal.access.sitegrants import give_site_role
from portal.accounts.loading import find_user
from portal.config import Settings
from portal.core.clock import now
from portal.core.database import db
from portal.groups.queries import named_group
from portal.pluginengine.health.tables import INCIDENTS
from portal.pluginengine.settings.declared import declared_settings
from portal.pluginengine.settings.writing import change_settings
from tests.siteadmin.plugins import AdminSite, running

PAGE = "/admin/plugins/probe/"


@pytest.fixture
def site(settings: Settings, plugin_folder: Path, tmp_path: Path) -> Iterator[AdminSite]:
    """A site where the probe runs from an archive."""
    with running(settings, plugin_folder, tmp_path / "authors") as site:
        permissions = {
            "group.probe_read": {"label": "Read probes", "group": "blog_admin"},
            "system.probe_rule": {"label": "Rule probes", "group": "sys_admin"},
        }
        site.install(site.archive(permissions=permissions, settings={"rows": {"type": "integer"}}))
        yield site


def text_of(site: AdminSite, tab: str, query: str = "") -> str:
    """Return the words of a tab, without tags."""
    page = site.browser().get(f"{PAGE}{tab}{query}").text
    return " ".join(re.sub(r"<[^>]*>", " ", page.partition("page-tabs")[2]).split())


def test_the_permissions_tell_which_roles_hold_them(site: AdminSite) -> None:
    """Issue 6: detail tab permissions, read only."""
    assert text_of(site, "permissions").count("No role gives it, and nobody has it directly.") == 2
    with site.site.arrange():
        for name in ("apollo", "mercury"):
            group = named_group(name)
            assert group is not None
            role = role_named(group.group_id, "Admin")
            assert role is not None
            db.session.add(RolePermission(role_id=role.role_id, permission="group.probe_read"))
        keeper = create_role(None, "Keeper of probes", ["system.probe_rule"])
        alice = find_user("alice")
        assert alice is not None
        give_site_role(keeper, alice)
    text = text_of(site, "permissions")
    assert "Read probes group group.probe_read Roles of groups: Admin in 2 groups" in text
    assert "Rule probes site system.probe_rule Global roles: Keeper of probes" in text


def test_the_log_tells_operations_changes_and_failures_in_time_order(site: AdminSite) -> None:
    """Issue 6: detail tab log, paged with the list kit."""
    with site.site.arrange():
        group = named_group("apollo")
        assert group is not None
        group.set_plugin_usage("probe", True)
        for plugin, error in (("probe", "RuntimeError: boom"), ("other", "ValueError: not ours")):
            row = {
                "id": f"{plugin}1", "plugin": plugin, "hook": "groupmenu", "handler": "tab", "error": error,
                "traceback": "", "request_id": "", "first_at": now(), "at": now(), "count": 3,
            }  # fmt: skip
            db.session.execute(insert(INCIDENTS), row)
        declared = declared_settings("probe")
        assert declared is not None
        change_settings(declared, None, {"rows": 7})
    site.browser("eve").post(f"{PAGE}disable")
    text = text_of(site, "log")
    order = [
        "Plugin Probe disabled.", "groupmenu 3 times RuntimeError: boom",
        "Plugin switched on or off apollo", "Plugin Probe installed and enabled.",
    ]  # fmt: skip
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert "not ours" not in text
    assert "Setting of a plugin changed" in text
    only = text_of(site, "log", "?f.kind.eq=failure")
    assert "boom" in only
    assert "disabled" not in only.partition("boom")[2]
    assert "Nothing matches" in text_of(site, "log", "?q=no-such-word")
    lines = site.browser().get(f"{PAGE}log?format=csv").text.splitlines()
    assert sum("failure" in line for line in lines) == 1
    first = site.browser().get(f"{PAGE}log?sort=happened_at&dir=asc").text
    assert first.index("installed and enabled") < first.index("boom")
