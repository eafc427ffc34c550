"""The end of an account in the tables of plugins, whatever state these are in; on both databases."""

import logging
import shutil
from collections.abc import Callable

import pytest
from sqlalchemy import insert, text

from portal.accounts.loading import find_user
from portal.accounts.services import delete_user
from portal.core.audit.models import AuditEntry
from portal.core.database import db
from portal.core.errors import Conflict
from portal.pluginengine.personaldata import Person, shares_of
from portal.pluginengine.personalrecord import PersonalDataRow
from tests.factories import make_group, make_user
from tests.fixtures.plugins import MakePlugin, PluginSite
from tests.personaldata import KEY, NAME, people_of, quarantine, traces_of, write_keeper

EVERYWHERE = [
    "plugin_keeper_note.1",
    "plugin_keeper_page.1",
    "plugin_keeper_visit.1",
    "plugin_keeper_vote.1",
    "plugin_keeper_vote.1",
    "plugin_keeper_x_user.0",
]


@pytest.fixture
def kept(site: PluginSite, plugin_folder) -> PluginSite:
    """A site where the keeper runs and holds rows about the person in every way."""
    write_keeper(plugin_folder)
    site.operate("install", "keeper")
    people_of(site)
    assert traces_of(site) == EVERYWHERE
    return site


def delete(site: PluginSite, name: str = NAME) -> tuple[str, ...]:
    with site.arrange():
        user = find_user(name)
        assert user is not None
        return delete_user(user)


def lose_code(site: PluginSite) -> None:
    (place,) = site.settings.plugin_path
    shutil.rmtree(place / "keeper")
    site.refresh()


STATES: dict[str, Callable[[PluginSite], object]] = {
    "running": lambda site: None,
    "disabled": lambda site: site.operate("disable", "keeper"),
    "quarantined": quarantine,
    "uninstalled": lambda site: site.operate("uninstall", "keeper"),
    "unregistered": lambda site: site.operate("unregister", "keeper", disable_first=True),
    "code gone": lose_code,
}


@pytest.mark.parametrize("state", STATES)
def test_nothing_of_a_deleted_person_is_left_in_any_state_of_the_plugin(
    kept: PluginSite, state: str
) -> None:
    """Issue: no table of any plugin that declared personal data holds a row of that person."""
    STATES[state](kept)
    assert delete(kept) == ()
    assert traces_of(kept) == []
    assert kept.rows("plugin_keeper_answer") == []
    assert kept.rows("plugin_keeper_page") == [(1, None, "Everybody's")]
    assert [row[0] for row in kept.rows("plugin_keeper_note")] == [2]
    assert [row[0] for row in kept.rows("plugin_keeper_visit")] == [2]


def test_what_goes_is_counted_before_and_recorded_after(kept: PluginSite) -> None:
    with kept.arrange("read"):
        (share,) = shares_of(Person(key=KEY, name=NAME))
    assert (share.name, share.deleted, share.emptied) == ("Keeper", 5, 1)
    delete(kept)
    with kept.arrange("read"):
        (entry,) = db.session.query(AuditEntry).filter_by(action="user.erase")
        assert entry.new_values["emptied"] == ["plugin_keeper_page: 1"]
        assert sorted(entry.new_values["deleted"]) == [
            "plugin_keeper_note: 1",
            "plugin_keeper_visit: 1",
            "plugin_keeper_vote: 2",
            "plugin_keeper_x_user: 1",
        ]


def test_a_missing_column_is_told_and_nothing_else_stays(
    kept: PluginSite, caplog: pytest.LogCaptureFixture
) -> None:
    with kept.arrange():
        db.session.execute(text('ALTER TABLE plugin_keeper_visit RENAME COLUMN "order" TO place'))
    caplog.set_level(logging.ERROR)
    assert delete(kept) == ("keeper: There is no column order in plugin_keeper_visit.",)
    assert "There is no column order in plugin_keeper_visit" in caplog.text
    assert traces_of(kept) == ["plugin_keeper_visit.1"]


def test_a_table_that_is_not_there_is_no_fault(kept: PluginSite) -> None:
    with kept.arrange():
        db.session.execute(text("DROP TABLE plugin_keeper_visit"))
    assert delete(kept) == ()
    assert traces_of(kept) == []


def test_a_view_in_a_tables_place_is_told(kept: PluginSite) -> None:
    with kept.arrange():
        for statement in (
            "ALTER TABLE plugin_keeper_visit RENAME TO plugin_keeper_old",
            "CREATE VIEW plugin_keeper_visit AS SELECT * FROM plugin_keeper_old",
        ):
            db.session.execute(text(statement))
    (fault,) = delete(kept)
    assert "plugin_keeper_visit is a view: what it shows lies elsewhere." in fault
    with kept.arrange():
        db.session.execute(text("DROP VIEW plugin_keeper_visit"))


class TestOnPostgresqlAlone:
    """It has types that SQLite does not have."""

    pytestmark = pytest.mark.postgres

    @pytest.fixture
    def database_url(self, postgresql_url: str) -> str:
        return postgresql_url

    def test_a_column_that_can_hold_nobody_keeps_no_account(self, kept: PluginSite) -> None:
        with kept.arrange():
            for statement in (
                "CREATE TYPE plugin_keeper_mood AS ENUM ('calm', 'zora')",
                "ALTER TABLE plugin_keeper_visit ADD COLUMN mood plugin_keeper_mood DEFAULT 'calm'",
            ):
                db.session.execute(text(statement))
            row = {"handle": "keeper", "table_name": "plugin_keeper_visit", "user_column": "mood"}
            db.session.execute(insert(PersonalDataRow).values(row))
        (fault,) = delete(kept)
        assert "plugin_keeper_visit.mood holds neither keys nor login names." in fault
        assert traces_of(kept) == []


@pytest.mark.parametrize(
    ("handle", "table"),
    [
        ("keeper", "users"),
        ("keeper", "plugin_other_thing"),
        ("users", "users"),
        ("keeper", 'plugin_keeper_note"; DROP TABLE users; --'),
        ("keeper_note", "plugin_keeper_note_x"),
    ],
)
def test_the_record_smuggles_no_table_in(kept: PluginSite, handle: str, table: str) -> None:
    """What stands in the record is judged again when it is used."""
    with kept.arrange():
        db.session.execute(text("CREATE TABLE plugin_other_thing (user_id INTEGER)"))
        db.session.execute(text(f"INSERT INTO plugin_other_thing VALUES ({KEY})"))
        row = {"handle": handle, "table_name": table, "user_column": "user_id"}
        db.session.execute(insert(PersonalDataRow).values(row))
    (fault,) = delete(kept)
    assert f"{table} is no table of plugin {handle}." in fault
    assert kept.rows("plugin_other_thing") == [(KEY,)]
    with kept.arrange("read"):
        assert find_user(NAME) is not None


def test_an_account_stays_when_the_database_refuses(site: PluginSite, plugin_folder) -> None:
    """No account goes while data about it stay."""
    if site.settings.database_url.startswith("postgresql"):
        pytest.skip("a trigger takes a function there; the refusal is the same")
    write_keeper(plugin_folder)
    site.operate("install", "keeper")
    people_of(site)
    with site.arrange():
        db.session.execute(
            text(
                "CREATE TRIGGER plugin_keeper_no BEFORE DELETE ON plugin_keeper_visit"
                " BEGIN SELECT RAISE(ABORT, 'no'); END"
            )
        )
    before = site.traces()
    with pytest.raises(Conflict, match="plugin_keeper_visit cannot be deleted"):
        delete(site)
    assert site.traces() == before
    assert traces_of(site) == EVERYWHERE


def test_a_side_table_of_groups_only_loses_the_person(
    site: PluginSite, make_plugin: MakePlugin
) -> None:
    """Its rows are the groups'."""
    table = "plugin_probe_x_group"
    make_plugin(
        "probe",
        config={
            "schema_version": "1",
            "object_types": {"group": {"user_id": "integer", "rating": "integer"}},
            "personal_data": [{"table": table, "user_column": "user_id"}],
        },
    )
    site.operate("install", "probe")
    with site.arrange():
        group = make_group("apollo")
        make_user(NAME, user_id=KEY)
        values = f"VALUES ({group.group_id}, {KEY}, 5)"
        db.session.execute(text(f"INSERT INTO {table} (object_id, user_id, rating) {values}"))
    delete(site)
    assert [row[1:] for row in site.rows(table)] == [(None, 5)]
