"""Composing mails: language, time zone, full links, subject, HTML made of the text, nothing borrowed."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import Flask
from jinja2 import ChoiceLoader, DictLoader

from portal.app import create_app
from portal.config import ROOT, Settings
from portal.core.errors import Invalid
from portal.core.mail.models import OutboxMail
from portal.core.unit_of_work import Unit, unit_of_work
from portal.web.current import current
from portal.web.mails import compose, compose_for, public_url_for, wrapped
from tests.factories import make_user
from tests.fixtures.mail import Deliver, html_of, text_of

MOMENT = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)

TEMPLATES = {
    "mail/sample.txt": """
        {%- extends "mail/layout.txt" %}
        {% block subject %}{{ _("Subscribe") }}: {{ name }}{% endblock %}
        {% block body %}
        {{ _("Hello %(name)s,", name=name) }}

        {{ url_for("groups.show_group", name="apollo") }}
        {{ moment|datetimeformat("long") }}
        {% endblock %}
    """,
    "mail/own.txt": """
        {%- extends "mail/layout.txt" %}
        {% block subject %}Own{% endblock %}
        {% block body %}Text{% endblock %}
    """,
    "mail/own.html": """
        {%- extends "mail/layout.html" %}
        {% block body %}<h1>{{ name }}</h1>{% endblock %}
    """,
    "mail/viewer.txt": """
        {%- extends "mail/layout.txt" %}
        {% block subject %}Who{% endblock %}
        {% block body %}viewer: {{ current.viewer }}{% endblock %}
    """,
    "mail/nameless.txt": "{% block body %}Text{% endblock %}",
}


@pytest.fixture
def settings(sqlite_url: str, tmp_path: Path) -> Settings:
    """An Italian site behind a proxy, reached under a path of another host."""
    return Settings.load(
        {
            "PORTAL_VAR": str(tmp_path / "var"),
            "DATABASE_URL": sqlite_url,
            "PORTAL_URL": "https://forge.example:8443/portal/",
            "PORTAL_LANGUAGE": "it",
            "PORTAL_TIMEZONE": "Europe/Rome",
            "PORTAL_SITE_NAME": "The <Forge>",
            "PORTAL_MAIL_FROM": "Forge <forge@mail.example>",
        }
    )


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The site with the templates of this module, and an Italian word."""
    app = create_app(settings)
    loader = app.jinja_env.loader
    assert loader is not None
    app.jinja_env.loader = ChoiceLoader([DictLoader(TEMPLATES), loader])
    add_words(app, settings.var / "translations", {"Subscribe": "Abbonati"})
    yield app
    app.extensions["portal.jobs"].queue.close()


def add_words(app: Flask, folder: Path, words: Mapping[str, str]) -> None:
    """Give the app an Italian catalogue."""
    catalog = Catalog(locale="it")
    for word, translated in words.items():
        catalog.add(word, translated)
    path = folder / "it" / "LC_MESSAGES" / "messages.mo"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_mo(file, catalog)
    app.extensions["babel"].translation_directories[:] = [str(folder)]


def composed(to: str = "ann@portal.example", **options: object) -> OutboxMail:
    given = {"name": "Ann", "moment": MOMENT, **options}
    return compose("sample", to, **given)  # type: ignore[arg-type]


def test_a_mail_is_in_the_reader_s_language_and_time_zone(unit: Unit) -> None:
    mail = composed(language="en", timezone="Asia/Tokyo")
    assert mail.subject == "Subscribe: Ann"
    assert "\nMarch 2, 2026, 8:30:00" in mail.text
    assert mail.language == "en"


def test_a_reader_who_chose_nothing_gets_the_site_s_language_and_time_zone(unit: Unit) -> None:
    mail = composed()
    assert mail.subject == "Abbonati: Ann"
    assert "2 marzo 2026" in mail.text
    assert mail.language == "it"
    assert '<html lang="it" dir="ltr">' in mail.html


def test_a_person_is_written_to_as_they_chose(unit: Unit) -> None:
    ann = make_user("ann", language="en", timezone="UTC")
    mail = compose_for(ann, "sample", name=ann.real_name, moment=MOMENT)
    assert (mail.recipient, mail.subject) == ("ann@example.org", "Subscribe: Ann")
    assert "March 1, 2026" in mail.text


def test_links_begin_with_the_public_address_whatever_host_was_asked(app: Flask) -> None:
    """A forged Host header must not end up in a mailed link."""
    with app.test_request_context("/", headers={"Host": "evil.example"}), unit_of_work("write"):
        mail = composed()
    assert "https://forge.example:8443/portal/groups/apollo/" in mail.text
    assert 'href="https://forge.example:8443/portal/groups/apollo/"' in mail.html
    assert "evil.example" not in mail.text + mail.html


def test_full_addresses_need_no_request(app: Flask) -> None:
    with app.app_context():
        address = public_url_for("groups.list_groups", q="a b", _anchor="top")
    assert address == "https://forge.example:8443/portal/groups/?q=a+b#top"


def test_nothing_of_the_running_request_slips_in(app: Flask) -> None:
    with app.test_request_context("/"), unit_of_work("write"):
        current.viewer = make_user("eve")
        mail = compose("viewer", "ann@portal.example")
        assert current.viewer.user_name == "eve"
    assert "viewer: None" in mail.text


def test_the_text_closes_with_the_site_and_html_escapes_what_the_text_says(unit: Unit) -> None:
    mail = composed(name='<b>"Ann"</b>')
    assert mail.text.endswith("\n-- \nThe <Forge>\nhttps://forge.example:8443/portal/\n")
    assert '<b>"Ann"</b>' in mail.text
    assert "<b>" not in mail.html
    assert "&lt;b&gt;" in mail.html
    assert "The &lt;Forge&gt;" in mail.html
    assert "<p>" in mail.html


def test_a_subject_cannot_grow_a_header_or_leave_its_line(unit: Unit) -> None:
    mail = composed(name="Ann\r\nBcc: eve@portal.example")
    assert mail.subject == "Abbonati: Ann Bcc: eve@portal.example"


def test_a_mail_may_have_html_of_its_own(unit: Unit) -> None:
    mail = compose("own", "ann@portal.example", name="Ann & Bob")
    assert "<h1>Ann &amp; Bob</h1>" in mail.html


def test_the_message_id_is_of_the_sender_s_domain(unit: Unit) -> None:
    assert composed().message_id.endswith("@mail.example>")


def test_what_cannot_be_sent_is_refused_where_it_is_composed(unit: Unit) -> None:
    with pytest.raises(Invalid):
        composed(to="ann@portal.example\nBcc: eve@portal.example")
    with pytest.raises(LookupError, match=r"nameless.*subject"):
        compose("nameless", "ann@portal.example")


def test_long_lines_are_broken_between_words_and_addresses_stay_whole() -> None:
    address = "https://portal.example/" + "x" * 90
    text = f"{'word ' * 30}\n- {'item ' * 20}\n{address}\n-- \n"
    lines = wrapped(text).splitlines()
    assert wrapped("One.\n\n\n   Two.\n \n\nThree.") == "One.\n\nTwo.\n\nThree.\n"
    assert address in lines
    assert max(len(line) for line in lines if line != address) <= 76
    assert lines[2].startswith("- item")
    assert lines[3].startswith("  item")


@pytest.mark.parametrize(
    "path",
    [path for path in (ROOT / "templates" / "mail").rglob("*.txt") if path.name != "layout.txt"],
    ids=lambda path: path.stem,
)
def test_every_mail_template_has_a_subject_and_a_body(app: Flask, path: Path) -> None:
    template = app.jinja_env.get_template(str(path.relative_to(ROOT / "templates")))
    assert {"subject", "body"} <= template.blocks.keys()


def test_what_was_composed_arrives_as_text_and_html(app: Flask, deliver: Deliver) -> None:
    with app.app_context(), unit_of_work("write"):
        composed(name="Änn", language="en")
    (message,) = deliver()
    assert message["Subject"] == "Subscribe: Änn"
    assert "Hello Änn," in text_of(message)
    assert "Hello Änn," in html_of(message)
