"""What a migration may do while the version before is running, and what silences the plugin first (E-40)."""

import pytest

from portal.pluginengine.breaking import Watched

OURS = "plugin_probe_migrations"

HARMLESS = [
    ["CREATE TABLE plugin_probe_new (id INTEGER)", "ALTER TABLE plugin_probe_new DROP COLUMN id"],
    ["CREATE TABLE IF NOT EXISTS plugin_probe_new (id INTEGER)"],
    ['CREATE TABLE "plugin_probe_new" (id INTEGER)', 'DROP TABLE IF EXISTS "plugin_probe_new"'],
    [
        "CREATE TABLE plugin_probe_new (id INTEGER);",
        "INSERT OR REPLACE INTO plugin_probe_new VALUES (1)",
    ],
    ["ALTER TABLE plugin_probe_thing ADD COLUMN price NUMERIC(10, 2) DEFAULT 'a, b CHECK'"],
    ["INSERT INTO plugin_probe_thing (word) VALUES ('UPDATE; DROP TABLE x')"],
    ["CREATE VIEW plugin_probe_all (word) AS SELECT word FROM plugin_probe_thing"],
    [
        "CREATE TABLE plugin_probe_new (a INTEGER REFERENCES plugin_probe_thing (id) ON DELETE CASCADE)"
    ],
    ["SELECT word FROM plugin_probe_thing WHERE id IN (1) FOR UPDATE"],
    ["ALTER TABLE plugin_probe_thing ADD COLUMN word VARCHAR"],
    ["ALTER TABLE plugin_probe_thing ADD word VARCHAR DEFAULT 'x' NOT NULL"],
    ["CREATE INDEX plugin_probe_ix ON plugin_probe_thing (word)"],
    ["INSERT INTO plugin_probe_thing VALUES (1)", "SELECT 1", "PRAGMA table_info('x')"],
    [f"CREATE TABLE {OURS} (version_num VARCHAR)", f"UPDATE {OURS} SET version_num='2'"],
    [f"DELETE FROM {OURS} WHERE version_num = '1'"],
    ["CREATE VIEW plugin_probe_all AS SELECT 1", "CREATE SEQUENCE plugin_probe_seq", "  "],
]

BREAKING = [
    "ALTER TABLE plugin_probe_thing ADD COLUMN word VARCHAR NOT NULL",
    "ALTER TABLE plugin_probe_thing ADD CONSTRAINT one UNIQUE (word)",
    "ALTER TABLE plugin_probe_thing ADD COLUMN word VARCHAR UNIQUE",
    'ALTER TABLE "plugin_probe_thing" DROP COLUMN word',
    "ALTER TABLE public.plugin_probe_thing RENAME TO plugin_probe_other",
    "alter table plugin_probe_thing alter column word type integer",
    "CREATE UNIQUE INDEX plugin_probe_ux ON plugin_probe_thing (word)",
    "DROP TABLE plugin_probe_thing",
    "DROP TABLE IF EXISTS plugin_probe_thing",
    "DROP INDEX plugin_probe_ix",
    "DROP VIEW plugin_probe_all",
    "UPDATE plugin_probe_thing SET word = ''",
    "DELETE FROM plugin_probe_thing",
    "TRUNCATE plugin_probe_thing",
    "WITH gone AS (DELETE FROM plugin_probe_thing RETURNING *) SELECT count(*) FROM gone",
    "WITH one AS (SELECT 1) UPDATE plugin_probe_thing SET word = ''",
    "EXPLAIN ANALYZE DELETE FROM plugin_probe_thing",
    "INSERT OR REPLACE INTO plugin_probe_thing VALUES (1)",
    "INSERT INTO plugin_probe_thing VALUES (1) ON CONFLICT (id) DO UPDATE SET word = ''",
    "REPLACE INTO plugin_probe_thing VALUES (1)",
    "SELECT plugin_probe_tidy()",
    'SELECT public."plugin_probe_tidy" ()',
    "SELECT 1; DROP TABLE plugin_probe_thing",
    "CREATE TABLE plugin_probe_new (id INTEGER); DROP TABLE plugin_probe_thing",
    "/* SELECT */ DROP TABLE plugin_probe_thing",
    "DO $$ BEGIN DELETE FROM plugin_probe_thing; END $$",
    "ALTER TABLE plugin_probe_thing ADD COLUMN word VARCHAR, DROP COLUMN thing_id",
    "ALTER TABLE plugin_probe_thing ADD COLUMN word VARCHAR CHECK (thing_id > 0)",
    "CREATE TRIGGER plugin_probe_t AFTER INSERT ON plugin_probe_thing BEGIN SELECT 1; END",
]


@pytest.mark.parametrize("statements", HARMLESS)
def test_additions_disturb_nobody(statements: list[str]) -> None:
    seen = Watched(OURS)
    for each in statements:
        seen.note(each)
    assert seen.breaking == []


@pytest.mark.parametrize("statement", BREAKING)
def test_everything_else_does(statement: str) -> None:
    seen = Watched(OURS)
    seen.note(statement)
    assert seen.breaking == [statement]


@pytest.mark.parametrize(
    ("made", "touched"),
    [
        (
            "CREATE TABLE IF NOT EXISTS plugin_probe_thing (id INT)",
            "DELETE FROM plugin_probe_thing",
        ),
        ("CREATE TEMPORARY TABLE plugin_probe_thing (id INT)", "DROP TABLE plugin_probe_thing"),
        ("CREATE TABLE temp.plugin_probe_thing (id INT)", "DELETE FROM main.plugin_probe_thing"),
        (
            "CREATE TABLE plugin_probe_new (id INT)",
            "DROP TABLE plugin_probe_new, plugin_probe_thing",
        ),
        ("CREATE TABLE plugin_probe_new (id INT)", 'DROP TABLE "plugin_probe_new too"'),
        (
            "CREATE TABLE plugin_probe_new (id INT)",
            "DROP TABLE plugin_probe_new . plugin_probe_thing",
        ),
    ],
)
def test_a_new_table_vouches_for_no_other(made: str, touched: str) -> None:
    seen = Watched(OURS)
    seen.note(made)
    seen.note(touched)
    assert seen.breaking == [touched]


def test_sqlites_way_of_altering_a_table_counts_as_breaking() -> None:
    seen = Watched(OURS)
    for each in (
        "\nCREATE TABLE _alembic_tmp_plugin_probe_thing (id INTEGER)",
        "INSERT INTO _alembic_tmp_plugin_probe_thing SELECT id FROM plugin_probe_thing",
        "\nDROP TABLE plugin_probe_thing",
        "ALTER TABLE _alembic_tmp_plugin_probe_thing RENAME TO plugin_probe_thing",
    ):
        seen.note(each)
    assert seen.breaking == ["DROP TABLE plugin_probe_thing"]
