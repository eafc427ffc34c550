"""Times are aware UTC on both databases."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import StatementError

from portal.accounts.models import User
from portal.core import clock
from portal.core.database import db
from portal.core.unit_of_work import Unit
from tests.factories import make_user

MOON_LANDING = datetime(1969, 7, 20, 20, 17, 40, tzinfo=UTC)


def test_a_frozen_clock_stands_still() -> None:
    with clock.frozen(MOON_LANDING):
        assert clock.now() == MOON_LANDING
    assert clock.now() > MOON_LANDING


def test_a_time_comes_back_aware_and_in_utc(unit: Unit) -> None:
    user = make_user("alice")
    user.created_at = MOON_LANDING.astimezone(timezone(timedelta(hours=-5)))
    db.session.flush()
    db.session.expire(user)
    assert user.created_at == MOON_LANDING
    assert user.created_at.tzinfo is UTC
    assert db.session.query(User).filter(User.created_at <= MOON_LANDING).count() == 1


def test_a_naive_time_is_refused(unit: Unit) -> None:
    user = make_user("alice")
    user.created_at = datetime(1969, 7, 20)  # noqa: DTZ001  the point of the test
    with pytest.raises(StatementError, match="has no time zone"):
        db.session.flush()
    db.session.rollback()
