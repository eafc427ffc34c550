"""An operation that fails leaves no trace: no row changed, no table, the generation as it was (E-35)."""

from textwrap import dedent

import pytest

from portal.pluginengine.errors import Refused
from tests.fixtures.plugins import THING_MIGRATION

FAILURES = {
    "an exception": "raise ValueError('no luck')",
    "a way out": "raise SystemExit(3)",
    "a refusal of its own": "from portal.pluginapi import PluginError; raise PluginError('no luck')",
    "a commit": "db.session.commit()",
    "a roll-back": "db.session.rollback()",
    "a close": "db.session.close()",
    "a raw commit": "db.session.execute(text('COMMIT'))",
    "a commit of the connection": "db.session.connection().commit()",
    "a core row": (
        "from portal.pluginapi import User\n"
        "        db.session.add(User(user_name='mole', real_name='Mole', email='m', email_ci='m'))"
    ),
    "a swallowed error": (
        "try:\n            db.session.execute(text('SELECT * FROM no_such_table'))\n"
        "        except Exception:\n            pass"
    ),
}


def defining(statement: str) -> str:
    return (
        "def install(self, config, app):\n"
        "    from portal.pluginapi import db\n"
        "    from sqlalchemy import text\n"
        f"    db.session.execute(text({statement!r}))\n"
    )


@pytest.mark.parametrize("misdeed", FAILURES.values(), ids=FAILURES)
@pytest.mark.parametrize("callback", ["install", "enable"])
def test_a_failing_callback_leaves_no_trace(site, make_plugin, callback, misdeed):
    make_plugin(
        "probe",
        files={
            "migrations/0001_thing.py": THING_MIGRATION,
            "plugin.py": "\n".join(
                [
                    "from sqlalchemy import text",
                    "from portal.pluginapi import Plugin, db",
                    "class Probe(Plugin):",
                    f"    def {callback}(self, config, app):",
                    "        db.session.execute(text('INSERT INTO plugin_probe_thing VALUES (7)'))",
                    f"        {misdeed}",
                ]
            ),
        },
    )
    site.operate("register", "probe")
    before = site.snapshot()
    with pytest.raises(Refused, match=f"{callback} of the plugin Probe failed") as refusal:
        site.operate("enable", "probe")
    assert refusal.value.remedy == "Nothing was changed. The full error is in the log."
    assert site.snapshot() == before
    assert site.operate("register", "probe").changed is False


@pytest.mark.parametrize(
    ("statement", "cause"),
    [
        ('op.create_table("thing", sa.Column("x", sa.Integer))', "made, changed or dropped thing"),
        (
            'op.execute("CREATE INDEX sneaky ON users (theme)")',
            "made, changed or dropped index sneaky (users)",
        ),
        ('op.execute("COMMIT")', "COMMIT"),
        ("raise KeyError('gone')", "KeyError: 'gone'"),
    ],
)
def test_a_failing_migration_leaves_no_trace(site, make_plugin, statement, cause):
    """Nor does one that reaches beyond its own names (design 7, engineering B4)."""
    migration = dedent(THING_MIGRATION).rstrip() + f"\n    {statement}\n"
    make_plugin("probe", files={"migrations/0001_thing.py": migration})
    site.operate("register", "probe")
    before = site.snapshot()
    with pytest.raises(Refused) as refusal:
        site.operate("enable", "probe")
    assert cause in str(refusal.value)
    assert site.snapshot() == before


@pytest.mark.parametrize(
    ("statement", "cause"),
    [
        ("CREATE TABLE loot (a INTEGER)", "made, changed or dropped loot"),
        ("ALTER TABLE users ADD COLUMN loot INTEGER", "made, changed or dropped users.loot"),
        ("CREATE INDEX loot ON users (theme)", "made, changed or dropped index loot (users)"),
        (
            "CREATE TABLE plugin_probe_a (u INTEGER REFERENCES users)",
            "plugin_probe_a.u refers to users",
        ),
        ("TRUNCATE plugin_probe_thing, public.groups CASCADE", "would change rows of groups"),
    ],
)
def test_a_callback_reaches_no_further_than_a_migration(site, make_plugin, statement, cause):
    """Design 7: all that may be defined are the plugin's own tables, whoever defines them."""
    make_plugin("probe", methods=defining(statement))
    site.operate("register", "probe")
    before = site.snapshot()
    with pytest.raises(Refused) as refusal:
        site.operate("enable", "probe")
    assert cause in str(refusal.value)
    assert site.snapshot() == before


def test_a_callback_may_make_tables_of_its_own(site, make_plugin):
    make_plugin("probe", methods=defining("CREATE TABLE plugin_probe_own (a INTEGER)"))
    site.enable("probe")
    assert "plugin_probe_own" in site.tables()


def test_enabling_broken_code_is_refused_with_its_cause(site, make_plugin):
    make_plugin("probe", files={"plugin.py": "import no_such_module"})
    site.operate("register", "probe")
    before = site.snapshot()
    with pytest.raises(Refused, match=r"cannot run: ModuleNotFoundError: .*no_such_module"):
        site.operate("enable", "probe")
    assert site.snapshot() == before


def test_a_plugin_that_failed_to_install_can_be_mended_and_enabled(site, make_plugin):
    make_plugin("probe", methods="def install(self, config, app):\n    raise ValueError")
    site.operate("register", "probe")
    with pytest.raises(Refused):
        site.operate("enable", "probe")
    make_plugin("probe", methods="def install(self, config, app):\n    pass")
    assert site.operate("enable", "probe").changed
    assert "probe" in site.engine.plugins
