"""Personal data of plugins on the pages of site admin, and in My settings."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from portal.accounts.loading import find_user
from portal.accounts.registration import purge_unconfirmed
from portal.config import Settings
from portal.core.database import db
from tests.fixtures.plugins import PluginSite, pack
from tests.personaldata import KEY, NAME, PASSWORD, people_of, traces_of, write_keeper
from tests.siteadmin.plugins import AdminSite, running


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What is done is tested on both databases, its pages on one."""
    return sqlite_url


@pytest.fixture
def admins(settings: Settings, plugin_folder: Path, tmp_path: Path) -> Iterator[AdminSite]:
    """A site where the keeper runs and holds rows about the person in every way."""
    with running(settings, plugin_folder, tmp_path / "authors") as made:
        write_keeper(plugin_folder)
        made.site.operate("install", "keeper")
        people_of(made.site)
        yield made


def break_table(site: PluginSite) -> None:
    with site.arrange():
        db.session.execute(text('ALTER TABLE plugin_keeper_visit RENAME COLUMN "order" TO place'))


def test_the_person_reads_what_goes_and_then_it_is_gone(admins: AdminSite) -> None:
    client = admins.browser(NAME)
    page = client.get("/my/settings/delete").text
    assert "Keeper: 5 entries go with the account." in page
    assert "Keeper: 1 entry stays, without the name." in page
    assert "Keeper: 6 entries" in client.get("/my/settings/export").text
    assert client.post("/my/settings/delete", data={"password": PASSWORD}).status_code == 303
    assert traces_of(admins.site) == []


def test_a_site_admin_reads_it_too_and_what_could_not_be_looked_at(admins: AdminSite) -> None:
    break_table(admins.site)
    client = admins.browser()
    address = f"/admin/users/{NAME}/delete"
    fault = "There is no column order in plugin_keeper_visit."
    page = client.get(address).text
    assert "Keeper: 4 entries go with the account." in page
    assert fault in page
    answer = client.post(address, data={"sure": "y"}, follow_redirects=True)
    assert f"Personal data of a plugin could not be looked at. keeper: {fault}" in answer.text
    assert "The account is deleted." in answer.text
    assert fault not in admins.browser("alice").get("/my/settings/delete").text


def test_a_site_admin_exports_it(admins: AdminSite) -> None:
    client = admins.browser()
    assert f'href="/admin/users/{NAME}/export"' in client.get(f"/admin/users/{NAME}/").text
    answer = client.post(f"/admin/users/{NAME}/export")
    plugins = json.loads(answer.data)["plugins"]
    assert plugins["keeper"]["fields"] == {"motto": "Per aspera"}
    answer.close()


def test_settings_of_the_person_stand_in_it_but_no_secret(admins: AdminSite) -> None:
    client = admins.browser(NAME)
    sent = {"setting_tone": "soft", "setting_token": "s3cr3t"}
    assert client.post("/my/settings/plugins/keeper", data=sent).status_code == 303
    answer = client.post("/my/settings/export")
    assert json.loads(answer.data)["settings"] == [
        {"plugin": "keeper", "name": "token", "is_withheld": True},
        {"plugin": "keeper", "name": "tone", "value": "soft"},
    ]
    assert b"s3cr3t" not in answer.data
    answer.close()


def test_the_data_tab_shows_what_is_declared_and_what_is_not(admins: AdminSite) -> None:
    page = admins.browser().get("/admin/plugins/keeper/data").text
    assert "plugin_keeper_visit.order" in page
    assert "does not declare it" not in page
    with admins.site.arrange():
        db.session.execute(text("DELETE FROM engine_personal_data WHERE user_column = 'author_id'"))
    page = admins.browser().get("/admin/plugins/keeper/data").text
    assert "plugin_keeper_page.author_id</span> It refers to people" in page


def test_the_preview_warns_of_columns_that_are_not_declared(
    admins: AdminSite, tmp_path: Path
) -> None:
    admins.site.operate("uninstall", "keeper", purge=True)
    types = {"user": {"motto": "string(40)"}, "note": {"author_id": "integer references users"}}
    folder = write_keeper(tmp_path / "other", object_types=types)
    (admins.folder / "keeper").rename(tmp_path / "away")
    page = admins.browser().get(admins.keep(pack(folder))).text
    assert "plugin_keeper_note.author_id: It refers to people" in page
    assert "plugin_keeper_vote.voter" in page


def test_an_unconfirmed_account_that_runs_out_takes_its_rows_along(admins: AdminSite) -> None:
    """Also those that no foreign key of the database takes."""
    with admins.site.arrange():
        user = find_user(NAME)
        assert user is not None
        assert user.user_id == KEY
        db.session.execute(
            text(
                "UPDATE users SET status = 'P', created_at = '2020-01-01 00:00:00.000000'"
                f" WHERE user_id = {KEY}"
            )
        )
    with admins.site.arrange():
        assert purge_unconfirmed() == 1
    assert traces_of(admins.site) == []
