"""/healthz and /readyz: whether the process lives, and whether it can do its work."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import cast

from flask import Blueprint, Flask, Response, current_app, jsonify
from sqlalchemy import text

from portal.core.database import db
from portal.pluginengine.engine import current_engine

EXTENSION = "portal.readiness"
bp = Blueprint("probes", __name__)

Check = Callable[[], str]


def add_check(app: Flask, name: str, check: Check, *, essential: bool = True) -> None:
    """Add a readiness check; it returns "ok", or what is wrong.

    One that is not ``essential`` is reported, but does not take the host out of service.
    """
    _checks(app)[name] = check, essential


def _checks(app: Flask) -> MutableMapping[str, tuple[Check, bool]]:
    made = app.extensions.setdefault(EXTENSION, {})
    return cast(MutableMapping[str, tuple[Check, bool]], made)


def database_answers() -> str:
    """Return "ok" when the database answers."""
    try:
        db.session.execute(text("SELECT 1"))
    except Exception as error:  # noqa: BLE001  the probe reports whatever is wrong
        return type(error).__name__
    return "ok"


@bp.get("/healthz")
def healthz() -> Response:
    """Answer that the process lives, and which generation it serves."""
    return jsonify(status="ok", generation=current_engine().state.generation)


@bp.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Answer 200 when every essential check is content, else 503; with each check's words."""
    results, essential = {"database": database_answers()}, {"database"}
    for name, (check, counts) in _checks(current_app).items():
        results[name] = check()
        essential |= {name} if counts else set()
    wrong = {name for name, result in results.items() if result != "ok"}
    status = "unready" if wrong & essential else "degraded" if wrong else "ok"
    return jsonify(status=status, checks=results), 503 if wrong & essential else 200


def init_app(app: Flask) -> None:
    """Register the two addresses."""
    app.register_blueprint(bp)
