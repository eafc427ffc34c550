"""The record of declarations: with the plugin's row in one transaction, and there as long as its tables are."""

import pytest
from sqlalchemy import delete, text

from portal.core.database import db
from portal.pluginengine.errors import Refused
from portal.pluginengine.lifecycle import record_personal_data
from portal.pluginengine.models import PluginRow
from portal.pluginengine.personalrecord import PersonalDataRow, all_recorded
from tests.fixtures.plugins import PluginSite, upload
from tests.personaldata import DECLARED, PERSONAL, write_keeper


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Rows of a table of the core: one database tells."""
    return sqlite_url


def recorded(site: PluginSite) -> set[tuple[str, str]]:
    with site.arrange("read"):
        return all_recorded(db.session.connection()).get("keeper", set())


def test_installing_writes_it_and_purging_drops_it(site: PluginSite, plugin_folder) -> None:
    write_keeper(plugin_folder)
    site.operate("install", "keeper", dry_run=True)
    assert recorded(site) == set()
    site.operate("install", "keeper")
    assert recorded(site) == set(DECLARED)
    site.operate("uninstall", "keeper")
    assert recorded(site) == set(DECLARED)
    site.operate("purge", "keeper")
    assert recorded(site) == set()


def test_it_outlives_the_row_of_an_unregistered_plugin_until_its_tables_are_purged(
    site: PluginSite, plugin_folder
) -> None:
    write_keeper(plugin_folder)
    site.operate("install", "keeper")
    site.operate("unregister", "keeper", disable_first=True)
    assert recorded(site) == set(DECLARED)
    site.operate("purge", "keeper")
    assert recorded(site) == set()


def test_registering_and_unregistering_leaves_nothing(site: PluginSite, plugin_folder) -> None:
    """Without tables there is nothing to remember."""
    write_keeper(plugin_folder)
    before = site.traces()
    site.operate("register", "keeper")
    assert recorded(site) == set(DECLARED)
    site.operate("unregister", "keeper")
    assert site.traces() == before


def test_an_update_declares_anew_and_one_that_says_nothing_changes_nothing(
    site: PluginSite, tmp_path
) -> None:
    site.operate("install", upload(write_keeper(tmp_path / "1")))
    silent = write_keeper(tmp_path / "2", version="2.0")
    config = (silent / "config.yml").read_text().partition("personal_data:")
    rest = config[2].partition("settings:")
    (silent / "config.yml").write_text(f"{config[0]}settings:{rest[2]}")
    site.operate("update", upload(silent))
    assert recorded(site) == set(DECLARED)
    site.operate(
        "update", upload(write_keeper(tmp_path / "3", version="3.0", personal_data=PERSONAL[:1]))
    )
    assert recorded(site) == {DECLARED[0]}


def test_a_failed_installation_leaves_no_line(site: PluginSite, plugin_folder) -> None:
    folder = write_keeper(plugin_folder)
    (folder / "migrations" / "0001.py").write_text("raise ValueError('no')")
    before = site.traces()
    with pytest.raises(Refused, match="no"):
        site.operate("install", "keeper")
    assert site.traces() == before


def test_a_start_records_what_was_changed_without_an_operation(
    site: PluginSite, plugin_folder
) -> None:
    """A site that predates the record, or a folder that was edited."""
    write_keeper(plugin_folder)
    site.operate("install", "keeper")
    with site.arrange():
        db.session.execute(delete(PersonalDataRow))
    with site.app.app_context():
        record_personal_data(site.engine)
    assert recorded(site) == set(DECLARED)


def test_a_start_writes_nothing_when_nothing_differs(site: PluginSite, plugin_folder) -> None:
    write_keeper(plugin_folder)
    site.operate("install", "keeper")
    with site.arrange():
        db.session.execute(
            text(
                "CREATE TRIGGER no_line BEFORE INSERT ON engine_personal_data"
                " BEGIN SELECT RAISE(ABORT, 'written'); END"
            )
        )
        db.session.execute(PluginRow.__table__.update().values(last_error=None))
    with site.app.app_context():
        record_personal_data(site.engine)
    assert recorded(site) == set(DECLARED)
