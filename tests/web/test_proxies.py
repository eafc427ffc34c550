"""What is believed of the headers that reverse proxies write."""

from dataclasses import replace

import pytest
from flask import Flask, request, url_for

from portal.app import create_app
from portal.config import Settings
from portal.jobs.registry import jobs_of

SENT = {
    "X-Forwarded-For": "203.0.113.9, 198.51.100.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "portal.example.org",
}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The database has no say in it."""
    return sqlite_url


@pytest.mark.parametrize(
    ("proxies", "seen"),
    [
        (0, "127.0.0.1 http://localhost/"),
        (1, "198.51.100.7 https://portal.example.org/"),
    ],
)
def test_headers_count_for_as_many_proxies_as_there_are(
    settings: Settings, proxies: int, seen: str
) -> None:
    """Throttling and the audit log go by the address: a visitor must not choose it (forge 4.2)."""
    app: Flask = create_app(replace(settings, proxies=proxies))
    app.add_url_rule(
        "/seen",
        view_func=lambda: f"{request.remote_addr} {url_for('home.index', _external=True)}",
    )
    assert app.test_client().get("/seen", headers=SENT).text == seen
    jobs_of(app).queue.close()
