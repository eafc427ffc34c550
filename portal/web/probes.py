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


def add_check(app: Flask, name: str, check: Check) -> None:
    """Add a readiness check; it returns "ok", or what is wrong."""
    _checks(app)[name] = check


def _checks(app: Flask) -> MutableMapping[str, Check]:
    return cast(MutableMapping[str, Check], app.extensions.setdefault(EXTENSION, {}))


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
    """Answer 200 when every check is content, else 503 with the reasons."""
    results = {"database": database_answers()}
    results |= {name: check() for name, check in _checks(current_app).items()}
    ready = all(result == "ok" for result in results.values())
    return jsonify(status="ok" if ready else "unready", checks=results), 200 if ready else 503


def init_app(app: Flask) -> None:
    """Register the two addresses."""
    app.register_blueprint(bp)
