"""Deleted groups go for good when their days are over: what goes, what stays, on both databases."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.access.models import MemberPermission, Role, UserRole
from portal.access.services import set_member_permissions
from portal.core.audit.models import AuditEntry
from portal.core.clock import frozen, now
from portal.core.database import db
from portal.core.errors import Conflict
from portal.core.unit_of_work import Unit
from portal.groups.models import Group
from portal.groups.purging import Purge, due_at, purge_due_groups, purge_group
from portal.groups.queries import named_group
from portal.groups.services import GroupInformation, create_group, reject_group
from portal.groups.states import delete_group, restore_group
from portal.jobs.registry import jobs_of
from tests.factories import make_group, make_member, make_user
from tests.groups.approving import set_settings

Arrange = Callable[[], AbstractContextManager[Unit]]
APOLLO = GroupInformation(full_name="Apollo Guidance", description="Three people to the Moon")
DAYS = timedelta(days=30)


def group_of(name: str) -> Group:
    """Return a group of the running unit of work."""
    found = named_group(name)
    assert found is not None
    return found


@contextmanager
def later(time: timedelta) -> Iterator[None]:
    """Let so much time have passed inside the block."""
    with frozen(now() + time):
        yield


def purge(app: Flask) -> Purge:
    """Run the job."""
    with app.app_context():
        return purge_due_groups()


def count(model: type) -> int:
    """Count the rows of a table."""
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_deleted_group_goes_with_all_that_is_its_own(app: Flask, arrange: Arrange) -> None:
    """Issue 4: deletion is the state D at once; rows go in a later purge. The audit log stays."""
    with arrange():
        alice, other = make_user("alice"), make_group("mercury")
        make_member(other, alice, "Admin")
        kept = count(Role), count(UserRole)
        apollo = make_group("apollo")
        make_member(apollo, alice, "Admin")
        make_member(apollo, make_user("bob"), "Reader")
        set_member_permissions(apollo, make_member(apollo, make_user("eve")), ["group.see_members"])
        delete_group(apollo)
        entries = count(AuditEntry)
    with later(DAYS - timedelta(minutes=1)):
        assert purge(app) == Purge(gone=(), kept=())
    with later(DAYS + timedelta(minutes=1)):
        assert purge(app) == Purge(gone=("apollo",), kept=())
    with arrange():
        assert named_group("apollo") is None
        assert (count(Role), count(UserRole)) == kept
        assert count(MemberPermission) == 0
        assert count(AuditEntry) == entries + 1
        last = db.session.query(AuditEntry).order_by(AuditEntry.audit_id.desc()).first()
        assert last is not None
        assert (last.action, last.group_id, last.group_name) == ("group.purge", None, "apollo")


def test_a_rejected_groups_names_are_free_again(app: Flask, arrange: Arrange) -> None:
    """Who registers the name then gets a group that knows nothing of the first one."""
    with arrange():
        alice = make_user("alice")
        reject_group(create_group(alice, "apollo", APOLLO), "Too early.")
    with later(DAYS):
        assert purge(app).gone == ("apollo",)
    with arrange():
        again = create_group(make_user("bob"), "apollo", APOLLO)
        entries = db.session.query(AuditEntry).filter_by(group_id=again.group_id)
        assert [each.action for each in entries] == ["group.create"]


def test_the_days_count_from_the_last_deletion(app: Flask, arrange: Arrange) -> None:
    """Changes of the row and an earlier deletion do not matter."""
    with arrange():
        delete_group(make_group("apollo"))
    with later(timedelta(days=20)), arrange():
        restore_group(group_of("apollo"))
        assert due_at(group_of("apollo")) is None
        delete_group(group_of("apollo"))
    with later(timedelta(days=25)), arrange():
        group_of("apollo").description = "changed meanwhile"
    with later(timedelta(days=31)):
        assert purge(app).gone == ()
    with later(timedelta(days=51)):
        assert purge(app).gone == ("apollo",)


def test_the_setting_says_how_many_days(app: Flask, arrange: Arrange) -> None:
    """PORTAL_GROUP_PURGE_DAYS; none at all is possible."""
    set_settings(app, group_purge_days=0)
    with arrange():
        delete_group(make_group("apollo"))
    assert purge(app).gone == ("apollo",)


@pytest.mark.parametrize("state", ["I", "P", "A", "H"])
def test_only_deleted_groups_are_purged(app: Flask, arrange: Arrange, state: str) -> None:
    """Not even by name."""
    with arrange():
        make_group("apollo", status=state)
    with later(2 * DAYS):
        assert purge(app) == Purge(gone=(), kept=())
    with pytest.raises(Conflict, match="is not deleted"), arrange():
        purge_group(group_of("apollo"))
    with arrange():
        assert named_group("apollo") is not None


def test_the_purge_comes_round_once_a_day(app: Flask) -> None:
    """Job core:purge_groups."""
    jobs = jobs_of(app)
    assert jobs.registry.find("core", "purge_groups") is purge_due_groups
    assert jobs.periodic["purge_groups"] == 86_400
