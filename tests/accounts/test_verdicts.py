"""What a plugin says of credentials is a value that cannot be nonsense."""

from typing import Any

import pytest
from flask_babel.speaklater import LazyString

from portal.accounts.verdicts import Accept, Reject, read_truth


@pytest.mark.parametrize("wrong", [{"user_name": None}, {"email": 7}, {"real_name": ["x"]}])
def test_an_acceptance_holds_text(wrong: dict[str, Any]) -> None:
    """An account is never looked up by something else."""
    with pytest.raises(TypeError, match=next(iter(wrong))):
        Accept(**wrong)


@pytest.mark.parametrize("reason", ["", " ", None])
def test_a_rejection_says_why(reason: Any) -> None:
    """It is shown to the person."""
    with pytest.raises(ValueError, match="rejection"):
        Reject(reason)


def test_a_reason_may_wait_for_its_language() -> None:
    """It is read when the rejection is made."""
    assert Reject(LazyString(lambda: "Nein")).reason == "Nein"


def test_truth_is_the_seeds_way_to_accept() -> None:
    """Seed 004: true when the authentication succeeds."""
    assert read_truth(True) == [Accept()]
    assert read_truth(False) == []
