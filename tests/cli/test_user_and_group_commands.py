"""`portal user` and `portal group`: how a site without demo content gets its first people and groups."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from portal.access.decisions import can, is_site_admin
from portal.accounts.loading import find_user
from portal.accounts.passwords import current_passwords
from portal.app import create_app
from portal.cli.root import main
from portal.config import Settings
from portal.core.audit.models import AuditEntry
from portal.core.database import db
from portal.core.unit_of_work import unit_of_work
from portal.groups.queries import named_group

PASSWORD = "A Long enough one!"
GROUP = ("--full-name", "Apollo Guidance", "--description", "Three people to the Moon")


@pytest.fixture(autouse=True)
def site(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """An empty, migrated site that the commands find in the environment; returns an app to look at it."""
    monkeypatch.setenv("PORTAL_VAR", str(settings.var))
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    return create_app(settings)


def run(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, list(words), input=typed)


def make(user_name: str, *options: str) -> Result:
    """Make an account by the command, the password from standard input."""
    email = f"{user_name}@example.org"
    words = ("user", "create", user_name, "--email", email, "--password-stdin", *options)
    return run(*words, typed=f"{PASSWORD}\n")


def test_a_new_site_gets_its_first_admin(site: Flask) -> None:
    """Issue 4: README, The first site admin."""
    assert make("ada", "--real-name", "Ada Lovelace").output == "Made the account ada.\n"
    assert run("user", "promote", "ada").output == "ada is now a site admin.\n"
    assert run("user", "promote", "ada").output == "ada is already a site admin.\n"
    with site.app_context(), unit_of_work("read"):
        ada = find_user("ada")
        assert ada is not None
        assert (ada.real_name, ada.status) == ("Ada Lovelace", "A")
        assert current_passwords().matches(ada.password_hash, PASSWORD)
        assert is_site_admin(ada)


def test_the_first_admin_may_be_made_in_one_command(site: Flask) -> None:
    assert "a site admin" in make("ada", "--site-admin").output
    with site.app_context(), unit_of_work("read"):
        assert is_site_admin(find_user("ada"))


def test_a_password_is_never_an_argument_and_never_guessed() -> None:
    """Every user of the machine sees arguments; without a terminal nothing is asked."""
    refused = run("user", "create", "ada", "--email", "a@example.org", "--password", "x")
    assert refused.exit_code == 2
    refused = run("user", "create", "ada", "--email", "a@example.org")
    assert refused.exit_code == 1
    assert "--password-stdin" in refused.output
    assert run("user", "list").output.startswith("There is no such account.")


@pytest.mark.parametrize(
    ("user_name", "email", "password", "text"),
    [
        ("A", "ada@example.org", PASSWORD, "A login name has"),
        ("ada", "nowhere", PASSWORD, "not an e-mail address"),
        ("ada", "ada@example.org", "short", "A password has"),
        ("ada", "ada@example.org", "", "A password has"),
    ],
)
def test_what_the_service_refuses_is_said_without_a_traceback(
    user_name: str, email: str, password: str, text: str
) -> None:
    """Design 10: prints, exits non-zero on refusal."""
    words = ("user", "create", user_name, "--email", email, "--password-stdin")
    refused = run(*words, typed=f"{password}\n")
    assert refused.exit_code == 1
    assert text in refused.output
    assert "Traceback" not in refused.output


def test_the_last_site_admin_stays_in_the_shell_too() -> None:
    make("ada", "--site-admin")
    for verb in ("demote", "suspend"):
        refused = run("user", verb, "ada")
        assert refused.exit_code == 1
        assert "ada is the last site admin." in refused.output
    make("eve", "--site-admin")
    assert run("user", "demote", "ada").output == "ada is no longer a site admin.\n"
    assert run("user", "demote", "ada").output == "ada is not a site admin.\n"


def test_an_account_is_suspended_and_comes_back(site: Flask) -> None:
    make("bob")
    assert run("user", "suspend", "bob").output == "bob is suspended.\n"
    listed = json.loads(run("user", "list", "--status", "suspended", "--json").stdout)
    assert [each["user_name"] for each in listed] == ["bob"]
    assert run("user", "suspend", "bob").exit_code == 1
    assert run("user", "promote", "bob").exit_code == 1
    assert run("user", "activate", "bob").output == "bob is active.\n"
    with site.app_context(), unit_of_work("read"):
        bob = find_user("bob")
        assert bob is not None
        assert bob.session_epoch == 2


def test_a_forgotten_password_is_replaced(site: Flask) -> None:
    make("bob")
    done = run("user", "password", "bob", "--password-stdin", typed="Another long 1!\n")
    assert done.output == "bob has a new password.\n"
    with site.app_context(), unit_of_work("read"):
        bob = find_user("bob")
        assert bob is not None
        assert current_passwords().matches(bob.password_hash, "Another long 1!")


@pytest.mark.parametrize("verb", ["promote", "demote", "suspend", "activate", "password"])
def test_nobody_is_made_by_a_typing_mistake(verb: str) -> None:
    refused = run("user", verb, "nobody")
    assert refused.exit_code == 1
    assert "There is no account named nobody." in refused.output


def test_a_group_goes_through_its_states(site: Flask) -> None:
    """Forge 4.0: the allowed moves, and no other."""
    make("alice")
    done = run("group", "create", "apollo", "--admin", "alice", *GROUP)
    assert done.output == "Made the group apollo; it awaits approval.\n"
    assert run("group", "hold", "apollo").exit_code == 1
    assert run("group", "approve", "apollo").output == "The group apollo is open.\n"
    assert run("group", "approve", "apollo").exit_code == 1
    assert "is held" in run("group", "hold", "apollo").output
    listed = json.loads(run("group", "list", "--status", "held", "--json").stdout)
    assert [(each["name"], each["members"]) for each in listed] == [("apollo", 1)]
    assert run("group", "activate", "apollo").exit_code == 0
    with site.app_context(), unit_of_work("read"):
        assert can(find_user("alice"), "group.administer", named_group("apollo"))


def test_a_group_is_rejected_deleted_restored_and_purged(site: Flask) -> None:
    """Forge 4.6 and 4.8; what is not possible exits with 1 and says why."""
    make("alice")
    run("group", "create", "apollo", "--admin", "alice", "--purpose", "To fly there", *GROUP)
    refused = run("group", "reject", "apollo", "--reason", " ")
    assert (refused.exit_code, "Say why" in refused.output) == (1, True)
    assert "is rejected" in run("group", "reject", "apollo", "--reason", "Too early.").output
    assert run("group", "activate", "apollo").exit_code == 1
    assert run("group", "restore", "apollo").output == "The group apollo is open.\n"
    assert run("group", "purge", "apollo").exit_code == 1
    assert (
        "`portal group restore apollo` undoes it until" in run("group", "delete", "apollo").output
    )
    assert run("group", "delete", "apollo").exit_code == 1
    assert run("group", "purge").output == "No deleted group is due.\n"
    assert run("group", "purge", "apollo").output == "The group apollo is gone.\n"
    with site.app_context(), unit_of_work("read"):
        assert named_group("apollo") is None


def test_a_purge_without_a_name_takes_what_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    """PORTAL_GROUP_PURGE_DAYS."""
    make("alice")
    run("group", "create", "apollo", "--admin", "alice", "--approve", *GROUP)
    run("group", "delete", "apollo")
    monkeypatch.setenv("PORTAL_GROUP_PURGE_DAYS", "0")
    assert run("group", "purge").output == "The group apollo is gone.\n"


def test_a_group_may_be_opened_at_once(site: Flask) -> None:
    make("alice")
    words = ("group", "create", "gemini", "--admin", "alice", "--private", "--approve")
    done = run(*words, *GROUP)
    assert done.output == "Made the group gemini; alice administers it.\n"
    assert "members  1        Apollo Guidance" in run("group", "list").output


def test_what_is_wrong_with_a_group_is_said() -> None:
    assert (
        "no active account named alice"
        in run("group", "create", "apollo", "--admin", "alice", *GROUP).output
    )
    make("alice")
    refused = run("group", "create", "admin", "--admin", "alice", *GROUP)
    assert refused.exit_code == 1
    assert "reserved" in refused.output
    for verb in ("approve", "hold", "activate", "delete", "restore", "purge"):
        assert "There is no group named vega." in run("group", verb, "vega").output


def test_the_audit_log_knows_that_a_command_acted(site: Flask) -> None:
    """Forge 4.13: from where."""
    make("ada", "--site-admin")
    with site.app_context(), unit_of_work("read"):
        entries = db.session.query(AuditEntry).all()
        assert entries
        assert all(each.address.startswith("command line (") for each in entries)


def test_the_data_of_a_person_are_exported_to_a_new_file_or_to_standard_output(
    site: Flask, tmp_path: Path
) -> None:
    make("ada")
    told = json.loads(run("user", "export", "ada").stdout)
    assert told["account"]["user_name"] == "ada"
    file = tmp_path / "ada.json"
    assert (
        run("user", "export", "ada", str(file)).output == f"Exported the data of ada to {file}.\n"
    )
    assert json.loads(file.read_text())["account"] == told["account"]
    assert file.stat().st_mode & 0o777 == 0o600
    assert "is there already" in run("user", "export", "ada", str(file)).output
    assert run("user", "export", "nobody").exit_code == 1
    with site.app_context(), unit_of_work("read"):
        entries = db.session.query(AuditEntry).filter_by(action="user.export")
        assert [each.object_name for each in entries] == ["ada", "ada"]
