"""Asking to join a group, answering, being taken in: rules, mails and races, on both databases."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from email.message import EmailMessage
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from portal.access.joining import (
    LONGEST_COMMENT,
    accept_request,
    reject_request,
    request_to_join,
    take_in,
    withdraw_request,
)
from portal.access.joinrequests import (
    find_asking,
    pending_counts,
    pending_request,
    pending_requests,
    requests_of,
    standing,
)
from portal.access.models import JoinRequest
from portal.access.queries import memberships_of
from portal.access.services import add_member
from portal.accounts.loading import find_user
from portal.accounts.models import User
from portal.accounts.services import delete_user, set_status
from portal.core.audit.models import AuditEntry
from portal.core.database import db
from portal.core.errors import Conflict, Invalid
from portal.core.unit_of_work import Unit, unit_of_work
from portal.groups.models import Group
from portal.groups.queries import named_group
from portal.groups.states import delete_group
from tests.accounts.mailedlinks import links_in
from tests.factories import make_group, make_member, make_user
from tests.fixtures.mail import Deliver, text_of

Arrange = Callable[[], AbstractContextManager[Unit]]
COMMENT = "I built the guidance computer.\r\n\r\nLet me help."


@pytest.fixture(autouse=True)
def people(arrange: Arrange) -> None:
    """Alice and ada administer apollo, bob works in it; carol and dora do not."""
    with arrange():
        apollo = make_group("apollo", full_name="Apollo Eleven")
        make_group("mercury")
        for name in ("alice", "ada"):
            make_member(apollo, make_user(name), "Admin")
        make_member(apollo, make_user("bob"))
        make_user("carol")
        make_user("dora")


def group(name: str = "apollo") -> Group:
    """Return a group's row in the running unit of work."""
    found = named_group(name)
    assert found is not None
    return found


def person(name: str) -> User:
    """Return a person's row in the running unit of work."""
    found = find_user(name)
    assert found is not None
    return found


def ask(arrange: Arrange, name: str = "carol", of: str = "apollo") -> None:
    """Let somebody ask to join."""
    with arrange():
        request_to_join(group(of), person(name), COMMENT)


def asking(arrange: Arrange, of: str = "apollo") -> list[str]:
    """Return who waits for an answer."""
    with arrange():
        found = pending_requests(group(of).group_id, limit=50)
        return [user.user_name for _request, user in found]


def words_of(mail: EmailMessage) -> str:
    """Return a mail's text on one line."""
    return " ".join(text_of(mail).split())


def actions(arrange: Arrange) -> list[str]:
    """Return what the audit log tells of requests, in order."""
    with arrange():
        told = select(AuditEntry.action).where(AuditEntry.action.startswith("join."))
        return list(db.session.scalars(told.order_by(AuditEntry.audit_id)))


def test_a_request_is_mailed_to_each_administrator(arrange: Arrange, deliver: Deliver) -> None:
    """Forge 4.7: comment required, mail to admins; who asks, what they write, where to answer."""
    ask(arrange)
    mails = deliver()
    assert sorted(str(mail["To"]) for mail in mails) == ["ada@example.org", "alice@example.org"]
    assert {mail["Subject"] for mail in mails} == {"Carol asks to join Apollo Eleven"}
    for mail in mails:
        text = words_of(mail)
        assert "Carol (carol) asks to be taken into the group Apollo Eleven" in text
        assert "I built the guidance computer. Let me help." in text
        assert links_in(mail) == ["/groups/apollo/admin/requests/carol/"]
    assert asking(arrange) == ["carol"]
    assert actions(arrange) == ["join.request"]


def test_a_comment_keeps_its_letters_and_loses_what_turns_or_hides_them(
    arrange: Arrange, deliver: Deliver
) -> None:
    """It stands in mails, on pages and in the history, beside what others wrote."""
    with arrange():
        request_to_join(group(), person("carol"), "می\u200cخواهم \u202ekram\x1b\x07")
    assert "می\u200cخواهم kram" in text_of(deliver()[0])


@pytest.mark.parametrize("comment", ["", " \r\n ", "x" * (LONGEST_COMMENT + 1)])
def test_a_comment_is_demanded_and_has_bounds(arrange: Arrange, comment: str) -> None:
    """Forge 4.7: 1 to 1500 characters."""
    with arrange(), pytest.raises(Invalid) as caught:
        request_to_join(group(), person("carol"), comment)
    assert list(caught.value.errors) == ["comment"]
    assert asking(arrange) == []


def test_the_longest_comment_goes(arrange: Arrange) -> None:
    """A line end counts once, however it is sent."""
    with arrange():
        request_to_join(group(), person("carol"), "\r\n".join(["x" * 749, "y" * 750]))
        request = pending_request(group().group_id, person("carol").user_id)
        assert request is not None
        assert len(request.comment) == LONGEST_COMMENT


def test_members_and_those_who_have_asked_cannot_ask(arrange: Arrange) -> None:
    """Forge 4.7: one pending per user, not for members; elsewhere the same person may ask."""
    ask(arrange)
    for name, text in (("carol", "asked to join this group already"), ("bob", "a member")):
        with arrange(), pytest.raises(Conflict, match=text):
            request_to_join(group(), person(name), COMMENT)
    ask(arrange, of="mercury")
    with arrange():
        assert len(requests_of(person("carol").user_id)) == 2


@pytest.mark.parametrize("change", [{"accepts_requests": False}, {"status": "H"}])
def test_a_group_may_take_no_requests(arrange: Arrange, change: dict[str, object]) -> None:
    """By its own choice, or while it is not active."""
    with arrange():
        for name, value in change.items():
            setattr(group(), name, value)
    with arrange(), pytest.raises(Conflict, match="takes no requests"):
        request_to_join(group(), person("carol"), COMMENT)
    with arrange():
        assert not standing(person("carol"), group()).can_request


def test_the_database_keeps_one_request_of_a_person(arrange: Arrange) -> None:
    """Whatever the code forgets to look at."""
    ask(arrange)
    with arrange(), pytest.raises(IntegrityError), db.session.begin_nested():
        values = {
            "group_id": group().group_id,
            "user_id": person("carol").user_id,
            "comment": "again",
        }
        db.session.execute(insert(JoinRequest).values(**values))


def test_who_is_accepted_is_a_member_and_reads_it(arrange: Arrange, deliver: Deliver) -> None:
    """Forge 4.8: accept with role; the mail names role and person and says how to leave."""
    ask(arrange)
    deliver()
    with arrange():
        accept_request(group(), person("carol"), "Reader", by=person("alice"))
    (mail,) = deliver()
    assert (mail["To"], mail["Subject"]) == (
        "carol@example.org",
        "You are a member of Apollo Eleven now",
    )
    assert "Alice has accepted your request" in words_of(mail)
    assert "Reader" in words_of(mail)
    assert links_in(mail) == ["/groups/apollo/", "/groups/apollo/leave"]
    with arrange():
        apollo = group()
        assert memberships_of(person("carol").user_id)[apollo.group_id].roles == ("Reader",)
        assert apollo.member_count == 4
    assert asking(arrange) == []
    assert actions(arrange) == ["join.request", "join.accept"]


@pytest.mark.parametrize("reason", ["", "You are too\r\nloud."])
def test_who_is_rejected_reads_why(arrange: Arrange, deliver: Deliver, reason: str) -> None:
    """Forge 4.8: reject; the reason is optional, and another request may follow."""
    ask(arrange)
    deliver()
    with arrange():
        reject_request(group(), person("carol"), reason)
    (mail,) = deliver()
    text = words_of(mail)
    assert (mail["To"], mail["Subject"]) == (
        "carol@example.org",
        "Your request to join Apollo Eleven",
    )
    assert "have not accepted your request" in text
    assert ("They write:" in text) is bool(reason)
    assert ("You are too loud." in text) is bool(reason)
    assert actions(arrange) == ["join.request", "join.reject"]
    ask(arrange)
    assert asking(arrange) == ["carol"]


def test_a_role_of_another_group_answers_nothing(arrange: Arrange, deliver: Deliver) -> None:
    """Forge 4.0: foreign ids are refused; the request goes on waiting."""
    ask(arrange)
    deliver()
    with arrange(), pytest.raises(Invalid, match="no role Owner"):
        accept_request(group(), person("carol"), "Owner", by=person("alice"))
    assert asking(arrange) == ["carol"]
    assert deliver() == []


@pytest.mark.parametrize("of", ["apollo", "mercury"])
def test_what_nobody_asked_here_cannot_be_answered(arrange: Arrange, of: str) -> None:
    """A request of another group is none."""
    if of == "mercury":
        ask(arrange, of=of)
    for answer in (
        lambda: accept_request(group(), person("carol"), "Reader", by=person("alice")),
        lambda: reject_request(group(), person("carol")),
        lambda: withdraw_request(group(), person("carol")),
    ):
        with pytest.raises(Conflict, match="No request of carol waits"), arrange():
            answer()
    assert asking(arrange, "mercury") == (["carol"] if of == "mercury" else [])
    with arrange():
        assert find_asking(group().group_id, "carol") is None


def test_a_request_can_be_withdrawn(arrange: Arrange) -> None:
    """By the person who asked; nobody is written to."""
    ask(arrange)
    with arrange():
        withdraw_request(group(), person("carol"))
    assert asking(arrange) == []
    assert actions(arrange) == ["join.request", "join.withdraw"]


def test_who_becomes_a_member_another_way_waits_no_more(arrange: Arrange) -> None:
    """Only here: what they asked elsewhere waits on."""
    for of in ("apollo", "mercury"):
        ask(arrange, of=of)
    with arrange():
        add_member(group(), person("carol"), "Reader")
        assert standing(person("carol"), group()).is_member
    assert (asking(arrange), asking(arrange, "mercury")) == ([], ["carol"])


def test_requests_go_with_account_and_group(arrange: Arrange) -> None:
    """Forge 4.0: a deleted account is out of everything."""
    for name in ("carol", "dora"):
        ask(arrange, name)
    with arrange():
        delete_user(person("carol"))
    assert asking(arrange) == ["dora"]
    with arrange():
        delete_group(group())
    assert asking(arrange) == []


def test_a_suspended_person_waits_unseen(arrange: Arrange) -> None:
    """Forge 4.8: only active users can be added; the request is there again with the account."""
    ask(arrange)
    with arrange():
        set_status(person("carol"), "S")
        assert pending_counts([group().group_id]) == {}
    assert asking(arrange) == []
    with arrange():
        set_status(person("carol"), "A")
        assert pending_counts([group().group_id]) == {group().group_id: 1}


def test_who_is_added_reads_by_whom_and_how_to_leave(arrange: Arrange, deliver: Deliver) -> None:
    """The invitation: once, not for a further role, not to oneself."""
    with arrange():
        take_in(group(), person("dora"), "Developer", by=person("alice"))
    (mail,) = deliver()
    assert (mail["To"], mail["Subject"]) == ("dora@example.org", "You were added to Apollo Eleven")
    text = words_of(mail)
    assert "Alice (alice) has added you to the group Apollo Eleven." in text
    assert "Developer" in text
    assert links_in(mail) == ["/groups/apollo/", "/groups/apollo/leave"]
    with arrange():
        take_in(group(), person("dora"), "Reader", by=person("alice"))
        take_in(group("mercury"), person("alice"), "Admin", by=person("alice"))
    assert deliver() == []


def test_of_two_who_accept_at_once_one_succeeds_and_the_other_reads_why(
    app: Flask, arrange: Arrange, deliver: Deliver
) -> None:
    """Under the lock of the group's roles, on both databases."""
    ask(arrange)
    deliver()
    refusals = all_at_once(
        app,
        lambda: accept_request(group(), person("carol"), "Reader", by=person("alice")),
        lambda: accept_request(group(), person("carol"), "Developer", by=person("ada")),
    )
    assert len(refusals) == 1
    assert "somebody has answered it" in refusals[0]
    assert len(deliver()) == 1
    with arrange():
        assert group().member_count == 4
        assert len(memberships_of(person("carol").user_id)[group().group_id].roles) == 1


def test_of_two_who_accept_and_reject_at_once_one_succeeds(
    app: Flask, arrange: Arrange, deliver: Deliver
) -> None:
    """One mail goes out, and it is true."""
    ask(arrange)
    deliver()
    refusals = all_at_once(
        app,
        lambda: accept_request(group(), person("carol"), "Reader", by=person("alice")),
        lambda: reject_request(group(), person("carol")),
    )
    assert len(refusals) == 1
    (mail,) = deliver()
    with arrange():
        is_member = group().group_id in memberships_of(person("carol").user_id)
    assert (mail["Subject"] == "You are a member of Apollo Eleven now") is is_member


def test_a_double_click_asks_once(app: Flask, arrange: Arrange, deliver: Deliver) -> None:
    """The second one waits, looks again and is refused."""
    refusals = all_at_once(
        app,
        *(2 * [lambda: request_to_join(group(), person("carol"), COMMENT)]),
    )
    assert len(refusals) == 1
    assert len(deliver()) == 2
    assert asking(arrange) == ["carol"]


def all_at_once(app: Flask, *acts: Callable[[], object]) -> list[str]:
    """Run the acts in transactions of their own at the same time; return the refusals."""
    refusals: list[str] = []

    def run(act: Callable[[], object]) -> None:
        try:
            with app.app_context(), unit_of_work("write"):
                act()
        except Conflict as refusal:
            refusals.append(str(refusal))

    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return refusals
