"""What plugins had declared of personal data before there was a record of it is taken over."""

import json

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tests.fixtures.migrations import migrate

BEFORE, REVISION = "6e1b94a7d02c", "c81f5e07a3d4"
PLUGIN = """
    INSERT INTO plugins (plugin_name, name, code, code_ci, enable, delete_flg, version, source, event_class,
        initialized, load_state, group_policy, user_policy, manifest, created_at, updated_at)
    VALUES (:handle, :handle, :handle, :handle, 0, :gone, '1.0', 0, '', 0, 'ok', 'allowed', 'allowed',
        :manifest, '2026-01-01', '2026-01-01')
"""
MANIFESTS = {
    "diary": [
        {"table": "plugin_diary_note", "user_column": "user_id"},
        {"table": "users", "user_column": "user_id"},
        {"table": "plugin_diary_note"},
        "nonsense",
    ],
    "quiet": "none",
    "silent": None,
}


def test_the_manifests_of_the_sites_plugins_are_read(empty_database_url: str) -> None:
    migrate(empty_database_url, BEFORE)
    engine = create_engine(empty_database_url, poolclass=NullPool)
    with engine.begin() as connection:
        for handle, declared in MANIFESTS.items():
            manifest = json.dumps({"personal_data": declared})
            values = {"handle": handle, "gone": int(handle == "diary"), "manifest": manifest}
            connection.execute(text(PLUGIN), values)
    migrate(empty_database_url, REVISION)
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT handle, table_name, user_column FROM engine_personal_data")
        )
        assert rows.all() == [("diary", "plugin_diary_note", "user_id")]
