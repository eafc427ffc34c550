"""Mails as values and messages: addresses, headers that cannot be forged, .eml files, server addresses."""

from datetime import UTC, datetime
from email import message_from_bytes, message_from_string
from email.policy import default
from pathlib import Path

import pytest

from portal.core.errors import Invalid
from portal.core.mail.addresses import sender_address
from portal.core.mail.messages import LONGEST_SUBJECT, Mail, as_message
from portal.core.mail.models import OutboxMail
from portal.core.mail.transports import FileTransport, SmtpServer, TransportDown

SENDER = sender_address("portal@portal.example", "Portal")


def mail(**fields: str) -> Mail:
    given = {"recipient": "ann@portal.example", "subject": "Hello", "text": "Text", "kind": "test"}
    return Mail(**{**given, **fields})


def row(given: Mail) -> OutboxMail:
    return OutboxMail(
        message_id="<0123456789abcdef@portal.example>",
        kind=given.kind,
        recipient=given.recipient,
        language=given.language,
        subject=given.subject,
        text=given.text,
        html=given.html,
        created_at=datetime(2026, 3, 1, 12, 30, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ann",
        "ann@portal.example\nBcc: eve@portal.example",
        "ann@portal.example\r\nBcc: eve@portal.example",
        "ann@portal.example, eve@portal.example",
        "Ann <ann@portal.example>",
        "ann@portal.example\0",
        "ann@portal.example\u2028Bcc: eve@portal.example",
        "a" * 250 + "@portal.example",
        "=?utf-8?q?victim=40corp.example=2c?=@portal.example",
    ],
)
def test_what_is_no_single_address_is_refused(address: str) -> None:
    with pytest.raises(Invalid):
        mail(recipient=address)


@pytest.mark.parametrize(
    "subject",
    [
        "Hello\nBcc: eve@portal.example",
        "Hello\r\nBcc: eve@portal.example\r\n\r\nAnother body",
        "Hello\x0bBcc: eve@portal.example",
        "Hello\u2028Bcc: eve@portal.example",
        "Hello\x85Bcc: eve@portal.example",
    ],
)
def test_no_header_can_be_slipped_in_through_the_subject(subject: str) -> None:
    message = as_message(row(mail(subject=subject)), SENDER)
    read = message_from_bytes(bytes(message), policy=default)
    assert read["Bcc"] is None
    assert read["To"] == "ann@portal.example"
    assert str(read["Subject"]).startswith("Hello Bcc: eve@portal.example")
    assert not read.is_multipart()


@pytest.mark.parametrize(
    "subject",
    [
        "=?utf-8?q?Hello=0d=0aBcc:_eve=40portal.example=0d=0a=0d=0aAnother_body?=",
        "Hello =?utf-8?b?SGVsbG8NCkJjYzogZXZlQHBvcnRhbC5leGFtcGxl?= joins",
        "Grüße =?utf-8?q?=0d=0aBcc:_eve=40portal.example?=",
        "==?utf-8?q?=0d=0aBcc:_eve=40portal.example?=",
    ],
)
def test_encoded_words_in_a_subject_are_text_and_nothing_is_decoded_from_them(subject: str) -> None:
    stored = row(mail())
    stored.subject = subject  # as older rows may have it
    for message in (as_message(row(mail(subject=subject)), SENDER), as_message(stored, SENDER)):
        read = message_from_bytes(bytes(message), policy=default)
        assert read["Bcc"] is None
        assert read.get_content().strip() == "Text"
        assert "?utf-8?" in str(read["Subject"])


def test_a_long_subject_is_cut() -> None:
    subject = mail(subject="word " * 100).subject
    assert len(subject) == LONGEST_SUBJECT
    assert subject.endswith("…")


def test_a_mail_needs_a_subject_a_text_and_a_kind_that_is_a_name() -> None:
    for fields in ({"subject": " \n"}, {"text": " "}, {"kind": "Not a name"}):
        with pytest.raises(ValueError, match="mail"):
            mail(**fields)


def test_a_message_carries_text_html_language_and_says_that_it_is_automatic() -> None:
    given = mail(text="Grüße aus Köln", html="<p>Grüße aus Köln</p>", language="de")
    read = message_from_bytes(bytes(as_message(row(given), SENDER)), policy=default)
    assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html"]
    assert read.get_body(("plain",)).get_content().strip() == "Grüße aus Köln"
    assert read["Content-Language"] == "de"
    assert read["Auto-Submitted"] == "auto-generated"
    assert read["Message-ID"] == "<0123456789abcdef@portal.example>"
    assert read["Date"].datetime == datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def test_a_domain_of_another_script_goes_into_the_envelope_as_ascii() -> None:
    assert mail(recipient="ann@bücher.example").recipient == "ann@xn--bcher-kva.example"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("portal@localhost", "The site <portal@localhost>"),
        ("Forge <forge@portal.example>", "Forge <forge@portal.example>"),
        ('"Forge, the" <forge@portal.example>', '"Forge, the" <forge@portal.example>'),
    ],
)
def test_the_sender_is_an_address_with_a_name(text: str, shown: str) -> None:
    assert str(sender_address(text, "The site")) == shown


@pytest.mark.parametrize(
    "text", ["portal", "a@b, c@d", "a@b\nBcc: eve@portal.example", "<>", "Portal <a@b@c>"]
)
def test_a_sender_that_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="address"):
        sender_address(text)


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://localhost", SmtpServer(host="localhost", port=25)),
        ("smtp://mail.example:2525/", SmtpServer(host="mail.example", port=2525)),
        (
            "smtp://ann%40a:p%2Fw@mail.example?starttls=1",
            SmtpServer(
                host="mail.example", port=587, user="ann@a", password="p/w", uses_starttls=True
            ),
        ),
        ("smtps://mail.example", SmtpServer(host="mail.example", port=465, uses_tls=True)),
    ],
)
def test_the_address_of_a_mail_server_is_read(url: str, server: SmtpServer) -> None:
    assert SmtpServer.parse(url) == server


@pytest.mark.parametrize(
    "url",
    [
        "mail.example",
        "http://mail.example",
        "smtp://",
        "smtp://mail.example/path",
        "smtp://mail.example?tls=1",
        "smtp://mail.example?starttls=yes",
        "smtp://mail.example:70000",
    ],
)
def test_what_is_no_address_of_a_mail_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"smtp://|[Pp]ort"):
        SmtpServer.parse(url)


def test_without_a_server_a_mail_is_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    message = as_message(row(mail(text="Grüße")), SENDER)
    FileTransport(folder).send(message)
    FileTransport(folder).send(message)  # the same mail again, as after a crash
    (file,) = folder.iterdir()
    assert file.name == "20260301-123000-0123456789abcdef.eml"
    assert file.stat().st_mode & 0o077 == 0
    assert folder.stat().st_mode & 0o077 == 0
    read = message_from_string(file.read_text(), policy=default)
    assert read["To"] == "ann@portal.example"
    assert read.get_content().strip() == "Grüße"


def test_a_folder_that_cannot_be_written_puts_mail_off(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("in the way")
    with pytest.raises(TransportDown, match="cannot be written"):
        FileTransport(tmp_path / "mail").send(as_message(row(mail()), SENDER))
