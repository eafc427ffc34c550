"""The blueprint of the pages of accounts; the other modules of this package put their views on it."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("accounts", __name__)
