"""What plugins hold about a person, in the export; on both databases."""

import io
import json
import shutil
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from portal.accounts.exporting import export_person
from portal.core.database import db
from portal.pluginengine.export.tables import BATCH
from tests.fixtures.plugins import PluginSite
from tests.personaldata import KEY, people_of, quarantine, write_keeper


@pytest.fixture
def kept(site: PluginSite, plugin_folder) -> PluginSite:
    """A site where the keeper runs and holds rows about the person in every way."""
    write_keeper(plugin_folder)
    site.operate("install", "keeper")
    people_of(site)
    return site


def plugins_of(site: PluginSite) -> Any:
    target = io.BytesIO()
    with site.app.app_context():
        export_person(KEY, target)
    return json.loads(target.getvalue())["plugins"]


def lose_code_and_row(site: PluginSite) -> None:
    site.operate("unregister", "keeper", disable_first=True)
    (place,) = site.settings.plugin_path
    shutil.rmtree(place / "keeper")
    site.refresh()


VOTES = [{"vote_id": 1, "voter": "zora"}, {"vote_id": 2, "voter": str(KEY)}]
NOTE = {
    "note_id": 1,
    "user_id": KEY,
    "words": "for zora's eyes",
    "picture": {"base64": "AP8="},
    "price": "1.25",
    "written_at": "2026-03-01T12:30:00+00:00",
}


@pytest.mark.parametrize(
    ("state", "name"),
    [
        (lambda site: None, "Keeper"),
        (lambda site: site.operate("disable", "keeper"), "Keeper"),
        (quarantine, "Keeper"),
        (lambda site: site.operate("uninstall", "keeper"), "Keeper"),
        (lose_code_and_row, "keeper"),
    ],
)
def test_it_holds_the_rows_and_the_fields_in_any_state_of_the_plugin(
    kept: PluginSite, state: Callable[[PluginSite], object], name: str
) -> None:
    state(kept)
    assert plugins_of(kept) == {
        "keeper": {
            "name": name,
            "tables": {
                "plugin_keeper_note": [NOTE],
                "plugin_keeper_page": [{"page_id": 1, "author_id": KEY, "title": "Everybody's"}],
                "plugin_keeper_visit": [{"visit_id": 1, "order": KEY}],
                "plugin_keeper_vote": VOTES,
            },
            "fields": {"motto": "Per aspera"},
        }
    }


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_table_that_cannot_be_read_costs_its_own_part_only(kept: PluginSite) -> None:
    with kept.arrange():
        db.session.execute(text("UPDATE plugin_keeper_note SET words = CAST(X'ff' AS TEXT)"))
    tables = plugins_of(kept)["keeper"]["tables"]
    assert list(tables["plugin_keeper_note"]) == ["note"]
    assert tables["plugin_keeper_vote"] == VOTES


def test_a_column_that_is_not_there_is_noted(kept: PluginSite) -> None:
    with kept.arrange():
        db.session.execute(text('ALTER TABLE plugin_keeper_visit RENAME COLUMN "order" TO place'))
    keeper = plugins_of(kept)["keeper"]
    assert keeper["notes"] == ["There is no column order in plugin_keeper_visit."]
    assert "plugin_keeper_visit" not in keeper["tables"]


def test_more_rows_than_a_batch_are_all_there(kept: PluginSite) -> None:
    with kept.arrange():
        values = ", ".join(f"({number}, {KEY})" for number in range(10, 10 + BATCH + 5))
        db.session.execute(text(f"INSERT INTO plugin_keeper_visit VALUES {values}"))
    assert len(plugins_of(kept)["keeper"]["tables"]["plugin_keeper_visit"]) == BATCH + 6
