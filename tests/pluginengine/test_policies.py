"""Setting the policies of a plugin: one operation, audited, live at once (design 6)."""

import pytest
from sqlalchemy import select

from portal.core.audit.models import AuditEntry
from portal.core.database import db
from portal.groups.queries import named_group
from portal.pluginengine.errors import Refused
from portal.pluginengine.lifecycle.policies import set_policy
from tests.factories import make_group
from tests.fixtures.plugins import write_plugin


@pytest.fixture
def probe(site, plugin_folder):
    """A site where the probe runs and apollo said No to it."""
    write_plugin(plugin_folder, "probe", config={"scope": ["group", "user"]})
    site.enable("probe")
    with site.arrange():
        assert make_group("apollo").set_plugin_usage("probe", True)
        assert named_group("apollo").set_plugin_usage("probe", False)
        make_group("mercury")
    return site


def set_(site, **policies):
    with site.app.app_context():
        outcome = set_policy("probe", **policies)
    site.refresh()
    return outcome


def users_of(site):
    with site.arrange("read"):
        return [name for name in ("apollo", "mercury") if named_group(name).uses_plugin("probe")]


@pytest.mark.parametrize(
    ("policy", "using"),
    [
        ("allowed", []),
        ("default_on", ["mercury"]),
        ("forced", ["apollo", "mercury"]),
        ("forbidden", []),
    ],
)
def test_a_policy_decides_in_the_next_generation_and_keeps_the_choices(probe, policy, using):
    generation = probe.engine.state.generation
    outcome = set_(probe, group=policy)
    assert users_of(probe) == using
    assert outcome.generation == generation + (policy != "allowed")
    set_(probe, group="default_on")
    assert users_of(probe) == ["mercury"]


def test_one_policy_can_be_set_without_the_other(probe):
    set_(probe, group="forced", user="forbidden")
    set_(probe, user="default_on")
    record = probe.engine.state.by_handle["probe"]
    assert (record.group_policy, record.user_policy) == ("forced", "default_on")


def test_a_change_is_audited_with_old_and_new_and_no_change_is_none(probe):
    assert set_(probe, group="forced").message == "The policy of plugin Probe was changed."
    assert not set_(probe, group="forced").changed
    with probe.arrange("read"):
        query = select(AuditEntry).where(AuditEntry.action == "plugin.policy")
        entry = db.session.scalars(query).one()
        assert entry.object_name == "probe"
        assert (entry.old_values["group"], entry.new_values["group"]) == ("allowed", "forced")


def test_an_unknown_word_or_plugin_is_refused(probe):
    with pytest.raises(Refused, match="no policy 'sometimes'"):
        set_(probe, group="sometimes")
    with probe.app.app_context(), pytest.raises(Refused, match="not registered"):
        set_policy("absent", group="forced")


def test_a_rehearsal_changes_nothing(probe):
    assert not set_(probe, group="forced", dry_run=True).changed
    assert users_of(probe) == []
