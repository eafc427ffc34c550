"""The outbox: written with the request's transaction, sent after it, nothing lost and nothing twice."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select

from portal.core.clock import frozen, now
from portal.core.database import db
from portal.core.errors import Conflict, NotFound
from portal.core.mail import outbox
from portal.core.mail.delivery import BATCH, CLAIM, Drained, claim_next, drain
from portal.core.mail.messages import Mail
from portal.core.mail.models import DISCARDED, FAILED, QUEUED, SENT, OutboxMail
from portal.core.mail.queries import count_by_state
from portal.core.unit_of_work import unit_of_work
from tests.fixtures.mail import SENDER, Mailbox, text_of

TOKEN = "kP3_" + "x" * 39


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    """An app context without a unit of work, as a job has it."""
    with app.app_context():
        yield


def queue(number: int = 1, recipient: str = "ann@portal.example", text: str = "Hello.") -> int:
    """Queue a mail in a unit of its own; return its key."""
    with unit_of_work("write"):
        mail = Mail(recipient=recipient, subject=f"Mail {number}", text=text, kind="test")
        return outbox.queue_mail(mail, domain="portal.example").mail_id


def mail_of(mail_id: int) -> OutboxMail:
    with unit_of_work("write"):
        return db.session.get_one(OutboxMail, mail_id)


def states() -> dict[str, int]:
    with unit_of_work("read"):
        return {state: count for state, count in count_by_state().items() if count}


@pytest.mark.usefixtures("context")
class TestSending:
    """What a round of the worker does with what is due."""

    def test_what_is_queued_arrives_once(self, mailbox: Mailbox) -> None:
        mail_id = queue()
        assert drain(mailbox.transport(), SENDER) == Drained(sent=1)
        assert drain(mailbox.transport(), SENDER) == Drained()
        (message,) = mailbox.messages
        assert mailbox.envelopes[0].rcpt_tos == ["ann@portal.example"]
        assert message["From"] == "Portal <portal@portal.example>"
        assert message["Message-ID"] == mail_of(mail_id).message_id
        assert text_of(message).strip() == "Hello."
        sent = mail_of(mail_id)
        assert (sent.state, sent.attempts, sent.claimed_until) == (SENT, 1, None)
        assert sent.sent_at is not None

    def test_the_longest_waiting_goes_first(self, mailbox: Mailbox) -> None:
        for number in (1, 2, 3):
            queue(number)
        drain(mailbox.transport(), SENDER)
        assert mailbox.subjects == ["Mail 1", "Mail 2", "Mail 3"]

    def test_a_round_has_an_end(self, mailbox: Mailbox) -> None:
        for number in range(3):
            queue(number)
        assert drain(mailbox.transport(), SENDER, limit=2) == Drained(sent=2, is_full=True)
        assert BATCH > 2

    def test_a_server_that_is_down_and_back_loses_nothing_and_gets_nothing_twice(
        self, closed_mailbox: Mailbox
    ) -> None:
        """Issue 4, It must show; engineering 1C 15: with the sink down exactly once is demanded."""
        for number in range(5):
            queue(number)
        transport = closed_mailbox.transport()
        assert drain(transport, SENDER) == Drained(put_off=1, is_down=True)
        with closed_mailbox.open():
            assert drain(transport, SENDER) == Drained(sent=4)
        with frozen(now() + timedelta(seconds=61)):
            assert drain(transport, SENDER) == Drained(put_off=1, is_down=True)
        with frozen(now() + timedelta(minutes=7)), closed_mailbox.open():
            assert drain(transport, SENDER) == Drained(sent=1)
        assert sorted(closed_mailbox.subjects) == [f"Mail {number}" for number in range(5)]
        assert states() == {SENT: 5}

    def test_retries_come_after_1_5_15_and_60_minutes_then_hourly_for_two_days(
        self, closed_mailbox: Mailbox
    ) -> None:
        start = now()
        with frozen(start):
            mail_id = queue()
        moment, waits = start, []
        while mail_of(mail_id).state == QUEUED:
            with frozen(moment):
                drain(closed_mailbox.transport(), SENDER)
            due = mail_of(mail_id).next_attempt_at
            waits.append((due - moment).total_seconds() / 60)
            moment = due
        assert waits[:6] == [1, 5, 15, 60, 60, 60]
        failed = mail_of(mail_id)
        assert failed.state == FAILED
        assert timedelta(days=2) <= failed.next_attempt_at - start <= timedelta(days=2, hours=2)
        assert "Connection refused" in failed.last_error

    def test_a_recipient_that_is_refused_for_good_fails_at_once_and_alone(
        self, mailbox: Mailbox
    ) -> None:
        mailbox.answers["gone@portal.example"] = "550 5.1.1 no such person"
        gone, kept = queue(1, "gone@portal.example"), queue(2)
        assert drain(mailbox.transport(), SENDER) == Drained(sent=1, failed=1)
        assert mail_of(gone).last_error == "550 5.1.1 no such person"
        assert (mail_of(gone).state, mail_of(kept).state) == (FAILED, SENT)

    def test_a_recipient_that_is_put_off_is_tried_again_and_holds_nobody_up(
        self, mailbox: Mailbox
    ) -> None:
        mailbox.answers["grey@portal.example"] = "451 4.7.1 come back later"
        grey = queue(1, "grey@portal.example")
        queue(2)
        assert drain(mailbox.transport(), SENDER) == Drained(sent=1, put_off=1)
        del mailbox.answers["grey@portal.example"]
        with frozen(now() + timedelta(minutes=2)):
            assert drain(mailbox.transport(), SENDER) == Drained(sent=1)
        assert mail_of(grey).attempts == 2

    def test_a_text_that_is_refused_fails(self, mailbox: Mailbox) -> None:
        mailbox.answer_to_data = "554 5.7.1 looks like spam"
        mail_id = queue()
        assert drain(mailbox.transport(), SENDER) == Drained(failed=1)
        assert "looks like spam" in mail_of(mail_id).last_error

    def test_a_mail_that_cannot_be_made_holds_nobody_up(
        self, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
    ) -> None:
        broken, sound = queue(1), queue(2)
        with unit_of_work("write"):
            db.session.get_one(OutboxMail, broken).recipient = "two\nlines"
        with caplog.at_level(logging.ERROR):
            assert drain(mailbox.transport(), SENDER) == Drained(sent=1, put_off=1)
        assert (mail_of(broken).state, mail_of(sound).state) == (QUEUED, SENT)
        assert "not an e-mail address" in mail_of(broken).last_error

    def test_two_workers_never_send_the_same_mail(self, app: Flask, mailbox: Mailbox) -> None:
        for number in range(12):
            queue(number)
        start = Barrier(3)

        def work() -> Drained:
            with app.app_context():
                start.wait()
                return drain(mailbox.transport(), SENDER)

        with ThreadPoolExecutor(3) as pool:
            rounds = [each.result() for each in [pool.submit(work) for _ in range(3)]]
        assert sum(each.sent for each in rounds) == 12
        assert sorted(mailbox.subjects) == sorted(f"Mail {number}" for number in range(12))


@pytest.mark.usefixtures("context")
class TestClaims:
    """A worker that dies with a mail in its hand."""

    def test_a_claimed_mail_is_nobody_else_s_until_the_claim_runs_out(
        self, mailbox: Mailbox
    ) -> None:
        mail_id = queue()
        assert claim_next() is not None
        assert drain(mailbox.transport(), SENDER) == Drained()
        with frozen(now() + CLAIM + timedelta(seconds=1)):
            assert drain(mailbox.transport(), SENDER) == Drained(sent=1)
        assert mail_of(mail_id).attempts == 2

    def test_a_mail_sent_again_after_a_crash_has_the_same_message_id_and_date(
        self, mailbox: Mailbox
    ) -> None:
        """Engineering 1C 15: SMTP is at-least-once; the reader's program sees that it is the same."""
        mail_id = queue()
        drain(mailbox.transport(), SENDER)
        with unit_of_work("write"):  # as if the worker had died before its commit
            mail = db.session.get_one(OutboxMail, mail_id)
            mail.state, mail.claimed_until = QUEUED, now() - timedelta(seconds=1)
        drain(mailbox.transport(), SENDER)
        first, second = mailbox.messages
        assert first["Message-ID"] == second["Message-ID"]
        assert first["Date"] == second["Date"]

    def test_a_worker_whose_claim_ran_out_does_not_undo_the_other_s_work(
        self, closed_mailbox: Mailbox
    ) -> None:
        mail_id = queue()

        class Slow:
            """Takes so long that another worker sends the mail meanwhile, then fails."""

            def send(self, message: object) -> None:
                with frozen(now() + CLAIM + timedelta(seconds=1)), closed_mailbox.open():
                    drain(closed_mailbox.transport(), SENDER)
                raise OSError("too late")

        drain(Slow(), SENDER)
        assert mail_of(mail_id).state == SENT


@pytest.mark.usefixtures("context")
class TestTransactions:
    """The outbox follows the unit of work in which a mail was composed."""

    def test_a_roll_back_composes_nothing(self, mailbox: Mailbox) -> None:
        def fail() -> None:
            with unit_of_work("write"):
                mail = Mail(recipient="ann@portal.example", subject="No", text="No", kind="test")
                outbox.queue_mail(mail, domain="portal.example")
                raise LookupError

        with pytest.raises(LookupError):
            fail()
        assert drain(mailbox.transport(), SENDER) == Drained()
        assert states() == {}

    def test_the_worker_is_told_once_a_commit_and_not_before(self, app: Flask) -> None:
        calls: list[str] = []
        outbox.when_queued(app, lambda: calls.append("told"))
        with unit_of_work("write"):
            for number in (1, 2):
                mail = Mail(
                    recipient="ann@portal.example", subject=str(number), text="x", kind="test"
                )
                outbox.queue_mail(mail, domain="portal.example")
            assert calls == []
        assert calls == ["told"]


@pytest.mark.usefixtures("context")
class TestAdministration:
    """What a site admin does with a mail."""

    def test_a_failed_mail_can_be_tried_again_for_two_days_more(self, mailbox: Mailbox) -> None:
        mailbox.answers["ann@portal.example"] = "550 no"
        mail_id = queue()
        drain(mailbox.transport(), SENDER)
        mailbox.answers.clear()
        with frozen(now() + timedelta(days=5)):
            with unit_of_work("write"):
                outbox.retry_mail(mail_id)
            assert mail_of(mail_id).give_up_at == now() + outbox.GIVE_UP_AFTER
            assert drain(mailbox.transport(), SENDER) == Drained(sent=1)

    def test_all_that_failed_can_be_tried_again(self, mailbox: Mailbox) -> None:
        mailbox.answer_to_data = "554 relay denied"
        queue(1), queue(2)
        drain(mailbox.transport(), SENDER)
        mailbox.answer_to_data = "250 taken"
        with unit_of_work("write"):
            assert outbox.retry_failed() == 2
        assert drain(mailbox.transport(), SENDER) == Drained(sent=2)

    def test_a_discarded_mail_is_not_sent(self, mailbox: Mailbox) -> None:
        mail_id = queue()
        with unit_of_work("write"):
            outbox.discard_mail(mail_id)
        assert drain(mailbox.transport(), SENDER) == Drained()
        assert mail_of(mail_id).state == DISCARDED

    def test_what_is_out_or_in_hand_cannot_be_changed(self, mailbox: Mailbox) -> None:
        mail_id = queue()
        claim_next()
        for change in (outbox.retry_mail, outbox.discard_mail):
            with unit_of_work("write"), pytest.raises(Conflict, match="just now"):
                change(mail_id)
        with frozen(now() + CLAIM):
            drain(mailbox.transport(), SENDER)
        for change in (outbox.retry_mail, outbox.discard_mail):
            with unit_of_work("write"), pytest.raises(Conflict, match="already"):
                change(mail_id)
        with unit_of_work("write"), pytest.raises(NotFound):
            outbox.retry_mail(mail_id + 1)

    @pytest.mark.parametrize("end", ["sent", "discarded"])
    def test_secrets_in_links_are_forgotten_when_the_mail_is_done_with(
        self, mailbox: Mailbox, end: str
    ) -> None:
        """The token's own table keeps a hash; the mail's row must not keep what opens it."""
        mail_id = queue(text=f"https://portal.example/password/{TOKEN}")
        if end == "sent":
            drain(mailbox.transport(), SENDER)
            assert TOKEN in text_of(mailbox.messages[0])
        else:
            with unit_of_work("write"):
                outbox.discard_mail(mail_id)
        assert mail_of(mail_id).text == "https://portal.example/password/•••"

    def test_old_mail_is_cleared_away_unless_it_waits_or_failed(self, mailbox: Mailbox) -> None:
        mailbox.answers["gone@portal.example"] = "550 no"
        queue(1), queue(2, "gone@portal.example")
        drain(mailbox.transport(), SENDER)
        queue(3)
        with frozen(now() + timedelta(days=31)), unit_of_work("write"):
            assert outbox.purge_mail() == 1
            kept = set(db.session.scalars(select(OutboxMail.subject)))
        assert kept == {"Mail 2", "Mail 3"}
