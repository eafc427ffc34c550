"""Structured logs: one JSON object a line with the request id, or plain text for a terminal."""

from __future__ import annotations

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime

request_id: ContextVar[str] = ContextVar("portal_request_id", default="")

#: The most that a line holds of one text, in characters: errors can quote whatever met them.
MAX_TEXT = 16_000

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


def _cut(text: str) -> str:
    """Return the text, its middle left out where it is longer than MAX_TEXT."""
    if len(text) <= MAX_TEXT:
        return text
    half = MAX_TEXT // 2
    return f"{text[:half]}[... {len(text) - 2 * half} characters ...]{text[-half:]}"


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON; fields given by ``extra=`` become keys."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "process": record.process,
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _cut(record.getMessage()),
        }
        if request_id.get():
            entry["request_id"] = request_id.get()
        for name, value in vars(record).items():
            if name not in _STANDARD and not name.startswith("_"):
                entry[name] = _cut(value) if isinstance(value, str) else value
        if record.exc_info:
            entry["exception"] = _cut(self.formatException(record.exc_info))
        return json.dumps(entry, default=str, ensure_ascii=False)


class PlainFormatter(logging.Formatter):
    """Formats a record for a person at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Return level, logger, message and the request id when there is one."""
        suffix = f" [{request_id.get()}]" if request_id.get() else ""
        text = f"{record.levelname.lower():7} {record.name}: {_cut(record.getMessage())}{suffix}"
        if record.exc_info:
            text += "\n" + _cut(self.formatException(record.exc_info))
        return text


def configure_logging(level: str, *, as_json: bool) -> None:
    """Send every log of the process to standard error in one format; safe to call again."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        if getattr(handler, "portal", False):
            root.removeHandler(handler)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if as_json else PlainFormatter())
    handler.portal = True  # type: ignore[attr-defined]
    root.addHandler(handler)
    root.setLevel(level.upper())
