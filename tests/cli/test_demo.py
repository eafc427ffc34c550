"""`portal demo`: the content that a first visitor finds, on both databases."""

from click.testing import CliRunner
from flask.cli import ScriptInfo

from portal.access.decisions import is_site_admin
from portal.access.queries import members_of
from portal.accounts.loading import find_user
from portal.app import create_app
from portal.cli.demo import demo
from portal.config import Settings
from portal.core.unit_of_work import unit_of_work
from portal.groups.queries import named_group
from portal.pluginengine import lifecycle


def run_demo(settings: Settings) -> str:
    """Run the command as the shell does and return what it printed."""
    info = ScriptInfo(create_app=lambda: create_app(settings), set_debug_flag=False)
    result = CliRunner().invoke(demo, obj=info)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_demo_makes_people_groups_and_a_plugin_in_use(settings: Settings) -> None:
    """Issue 2: admin, alice, bob, carol; apollo uses helloworld, mercury does not; gemini; vostok."""
    text = run_demo(settings)
    assert "Log in with the password portal-demo as:" in text
    app = create_app(settings)
    with app.app_context(), unit_of_work("read"):
        groups = {name: named_group(name) for name in ("apollo", "mercury", "gemini", "vostok")}
        assert all(groups.values())
        members = {
            name: [
                (each.user.user_name, each.is_admin) for each in members_of(group.group_id, limit=9)
            ]
            for name, group in groups.items()
        }
        uses = [name for name, group in groups.items() if group.uses_plugin("helloworld")]
        assert is_site_admin(find_user("admin"))
        assert [groups["gemini"].is_public, groups["vostok"].status] == [False, "P"]
    assert members == {
        "apollo": [("alice", True), ("bob", False)],
        "mercury": [("alice", True), ("bob", False)],
        "gemini": [("alice", True)],
        "vostok": [],
    }
    assert uses == ["apollo"]


def test_a_second_run_changes_nothing_and_respects_what_was_decided_since(
    settings: Settings,
) -> None:
    """Issue 2: idempotent; a second make run keeps the data."""
    run_demo(settings)
    assert run_demo(settings).startswith("The demo content is there already.")
    app = create_app(settings)
    with app.app_context():
        lifecycle.disable("helloworld")
    assert run_demo(settings).startswith("The demo content is there already.")
    app = create_app(settings)
    with app.app_context(), unit_of_work("read"):
        group = named_group("apollo")
        assert group is not None
        assert group.plugin_choice("helloworld") is True
        assert not group.uses_plugin("helloworld")
