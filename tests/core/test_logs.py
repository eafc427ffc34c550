"""Logs: one JSON object a line, with the request id and the fields that were given."""

import json
import logging
import sys

import pytest

from portal.core import logs


def record(message: str, **extra: object) -> logging.LogRecord:
    made = logging.makeLogRecord({"name": "portal.test", "levelname": "INFO", "msg": message})
    vars(made).update(extra)
    return made


def test_a_line_is_json_with_the_request_id_and_extra_fields() -> None:
    token = logs.request_id.set("deadbeef")
    try:
        entry = json.loads(logs.JsonFormatter().format(record("Went\nwell", plugin="helloworld")))
    finally:
        logs.request_id.reset(token)
    assert entry["message"] == "Went\nwell"
    assert entry["plugin"] == "helloworld"
    assert entry["request_id"] == "deadbeef"
    assert entry["level"] == "info"


def test_what_json_cannot_say_is_said_as_text() -> None:
    entry = json.loads(logs.JsonFormatter().format(record("Odd", thing={1, 2}.__class__)))
    assert "set" in entry["thing"]
    assert "request_id" not in entry


@pytest.mark.parametrize("formatter", [logs.JsonFormatter(), logs.PlainFormatter()])
def test_a_huge_error_is_cut_in_the_middle(formatter: logging.Formatter) -> None:
    try:
        raise ValueError("begin" + "x" * 1_000_000 + "end")
    except ValueError:
        huge = record("Failed: " + "y" * 1_000_000, exc_info=sys.exc_info(), thing="z" * 1_000_000)
    line = formatter.format(huge)
    assert len(line) < 4 * logs.MAX_TEXT
    assert "Failed: " in line
    assert "ValueError: begin" in line
    assert "end" in line
    assert "characters ...]" in line


def test_configuring_twice_keeps_one_handler() -> None:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    try:
        logs.configure_logging("warning", as_json=True)
        logs.configure_logging("error", as_json=False)
        assert len([one for one in root.handlers if getattr(one, "portal", False)]) == 1
        assert root.level == logging.ERROR
    finally:
        root.handlers[:], root.level = before, level
