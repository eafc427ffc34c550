"""Settings: three sources, one typed place, faults that name the setting and its rule."""

import os
import stat
from pathlib import Path

import pytest

from portal.config import Settings, SettingsError


def load(tmp_path: Path, **environ: str) -> Settings:
    return Settings.load({"PORTAL_VAR": str(tmp_path), **environ})


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(tmp_path: Path) -> None:
    (tmp_path / "portal.cfg").write_text(
        "[portal]\nPORTAL_PORT = 8001\nPORTAL_SITE_NAME = 50% more\n"
    )
    settings = load(tmp_path, PORTAL_PORT="8002")
    rows = {row.name: row for row in settings.describe()}
    assert (settings.port, rows["PORTAL_PORT"].source) == (8002, "environment")
    assert (settings.site_name, rows["PORTAL_SITE_NAME"].source) == ("50% more", "portal.cfg")
    assert (settings.admin_route, rows["ADMIN_ROUTE"].source) == ("admin", "default")


def test_all_faults_are_reported_together_with_their_rules(tmp_path: Path) -> None:
    (tmp_path / "portal.cfg").write_text("[portal]\nPORTAL_PROT = 8001\n")
    with pytest.raises(SettingsError) as refusal:
        load(tmp_path, PORTAL_PORT="eighty", ADMIN_ROUTE="groups", DATABASE_URL="mysql://x")
    text = str(refusal.value)
    assert "PORTAL_PORT: expected a whole number from 1 to 65535" in text
    assert "ADMIN_ROUTE: expected not a word that the portal's own addresses use" in text
    assert "DATABASE_URL: expected sqlite:///" in text
    assert "PORTAL_PROT" in text
    assert "no such setting" in text


@pytest.mark.parametrize("text", ["0", "65536", "-1", "８０００", "8000.0"])
def test_a_port_is_a_port(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match="PORTAL_PORT"):
        load(tmp_path, PORTAL_PORT=text)


def test_secrets_are_masked(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        DATABASE_URL="postgresql://portal:open-sesame@db.example/portal",
        PORTAL_SECRET_KEY="x" * 40,
    )
    shown = " ".join(row.value for row in settings.describe())
    assert "open-sesame" not in shown
    assert "x" * 40 not in shown
    assert "portal:***@db.example" in shown
    assert settings.database_url == "postgresql+psycopg://portal:open-sesame@db.example/portal"


def test_a_password_among_the_parameters_of_the_database_is_masked(tmp_path: Path) -> None:
    """libpq takes it there, too; site admins and logs do not."""
    url = "postgresql://db.example/portal?user=p&password=open-sesame&sslpassword=open-door&port=1"
    (shown,) = (
        row.value
        for row in load(tmp_path, DATABASE_URL=url).describe()
        if row.name == "DATABASE_URL"
    )
    assert shown.endswith("/portal?user=p&password=***&sslpassword=***&port=1")


def test_the_secret_key_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    first, second = load(tmp_path), load(tmp_path)
    assert first.secret_key == second.secret_key
    assert stat.S_IMODE(os.stat(tmp_path / "secret_key").st_mode) == 0o600


def test_an_emptied_secret_key_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("\n")
    with pytest.raises(SettingsError, match="Remove the file"):
        load(tmp_path)
