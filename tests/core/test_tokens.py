"""One-time tokens: kept as hashes, good once, good for a while, good for one purpose."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select, text

from portal.core.clock import frozen, now
from portal.core.database import db
from portal.core.tokens import (
    OneTimeToken,
    TokenGrant,
    issue_token,
    mask_tokens,
    peek_token,
    purge_tokens,
    redeem_token,
    revoke_tokens,
)
from portal.core.unit_of_work import Unit, unit_of_work

HOUR = 3600


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    """An app context without a unit of work."""
    with app.app_context():
        yield


def test_a_token_is_redeemed_once(unit: Unit) -> None:
    token = issue_token("email", "user:1", HOUR, {"email": "ann@portal.example"})
    granted = TokenGrant(subject="user:1", payload={"email": "ann@portal.example"})
    assert peek_token("email", token) == granted
    assert redeem_token("email", token) == granted
    assert redeem_token("email", token) is None
    assert peek_token("email", token) is None


def test_a_token_is_good_for_its_own_purpose_only(unit: Unit) -> None:
    token = issue_token("email", "user:1", HOUR)
    assert redeem_token("password", token) is None
    assert redeem_token("email", token) == TokenGrant(subject="user:1", payload={})


def test_a_token_is_not_good_after_its_time(unit: Unit) -> None:
    with frozen(now()):
        token = issue_token("password", "user:1", HOUR)
        moment = now()
    with frozen(moment + timedelta(seconds=HOUR - 1)):
        assert peek_token("password", token) is not None
    with frozen(moment + timedelta(seconds=HOUR)):
        assert peek_token("password", token) is None
        assert redeem_token("password", token) is None


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "ä" * 43, "\ud800", "x" * 100_000, "\0"])
def test_what_was_never_given_out_is_not_good(unit: Unit, token: str) -> None:
    issue_token("password", "user:1", HOUR)
    assert peek_token("password", token) is None
    assert redeem_token("password", token) is None


def test_the_database_keeps_no_token(unit: Unit) -> None:
    """Issue 4: tokens hashed."""
    token = issue_token("password", "user:1", HOUR, {"note": "x"})
    row = db.session.execute(text("SELECT * FROM one_time_tokens")).one()
    assert token not in "".join(str(value) for value in row)


def test_tokens_differ(unit: Unit) -> None:
    tokens = {issue_token("password", "user:1", HOUR) for _ in range(50)}
    assert len(tokens) == 50
    assert {len(token) for token in tokens} == {43}


def test_the_tokens_of_a_subject_can_be_revoked(unit: Unit) -> None:
    mine = [issue_token(purpose, "user:1", HOUR) for purpose in ("password", "email")]
    other = issue_token("password", "user:12", HOUR)
    assert revoke_tokens("user:1", "password") == 1
    assert peek_token("password", mine[0]) is None
    assert peek_token("email", mine[1]) is not None
    assert revoke_tokens("user:1") == 1
    assert peek_token("email", mine[1]) is None
    assert peek_token("password", other) is not None


def test_tokens_whose_time_is_over_are_cleared_away(unit: Unit) -> None:
    issue_token("password", "user:1", HOUR)
    issue_token("password", "user:2", 3 * HOUR)
    with frozen(now() + timedelta(hours=2)):
        assert purge_tokens() == 1
    assert list(db.session.scalars(select(OneTimeToken.subject))) == ["user:2"]


@pytest.mark.usefixtures("context")
def test_of_several_that_redeem_at_once_one_succeeds(app: Flask) -> None:
    with unit_of_work("write"):
        token = issue_token("password", "user:1", HOUR)
    start = Barrier(4)

    def redeem() -> bool:
        with app.app_context(), unit_of_work("write"):
            start.wait()
            return redeem_token("password", token) is not None

    with ThreadPoolExecutor(4) as pool:
        results = [each.result() for each in [pool.submit(redeem) for _ in range(4)]]
    assert sorted(results) == [False, False, False, True]


@pytest.mark.usefixtures("context")
def test_a_roll_back_gives_the_token_back() -> None:
    with unit_of_work("write"):
        token = issue_token("password", "user:1", HOUR)

    def fail() -> None:
        with unit_of_work("write"):
            assert redeem_token("password", token) is not None
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    with unit_of_work("write"):
        assert redeem_token("password", token) is not None


def test_tokens_are_masked_in_texts_and_nothing_else_is(unit: Unit) -> None:
    token = issue_token("password", "user:1", HOUR)
    given = f"Open https://portal.example/password/{token}?a=1 or ({token}). " + "x" * 44
    assert (
        mask_tokens(given) == "Open https://portal.example/password/•••?a=1 or (•••). " + "x" * 44
    )
