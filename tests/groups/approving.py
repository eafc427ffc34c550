"""What tests of a group's registration and approval share: the form, and settings that differ."""

from dataclasses import replace
from email.message import EmailMessage
from typing import Any

from flask import Flask

from tests.fixtures.mail import text_of

FIELDS = {
    "full_name": "Apollo Guidance",
    "name": "apollo",
    "purpose": "We want to fly there and back.\n\nAll of us.",
    "description": "Three people to the Moon",
    "homepage": "https://example.org/",
    "is_public": "y",
}


def set_settings(app: Flask, **values: Any) -> None:
    """Let the app run with these settings from now on."""
    app.extensions["portal.settings"] = replace(app.extensions["portal.settings"], **values)


def lines_of(message: EmailMessage) -> str:
    """Return the plain text of a mail with its lines ended as in Python."""
    return text_of(message).replace("\r\n", "\n")
