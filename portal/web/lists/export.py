"""A list as CSV: the rows of the same query, all of them, written while they are read.

No transaction stays open while the body streams (engineering B2): each portion is read in one of its own.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from flask import Flask, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue

from portal.core.unit_of_work import unit_of_work
from portal.web.lists.columns import Column, Selected
from portal.web.lists.keyset import Bound, Window, read_window
from portal.web.lists.listing import asked_query, narrow, order_of, read_list, rows_of
from portal.web.lists.registry import columns_of, view_named

PORTION = 500
#: What makes a spreadsheet read a cell as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def answer_list(
    name: str,
    statement: Selected,
    template: str,
    *,
    params: Mapping[str, Any] | None = None,
    **variables: Any,
) -> ResponseReturnValue:
    """Answer a list's page with the template, which gets ``listing``; or, for ``?format=csv``, its CSV."""
    if wants_csv():
        return csv_of(name, statement, params)
    return render_template(template, listing=read_list(name, statement, params=params), **variables)


def wants_csv() -> bool:
    """Tell whether the request asks for CSV."""
    return request.args.get("format") == "csv"


def csv_of(name: str, statement: Selected, params: Mapping[str, Any] | None = None) -> Response:
    """Return all rows of the request's query as CSV; BadQuery (400) for a part that is not understood.

    The first line holds the columns' keys. Values are those of the filters: codes, ISO days and times
    (UTC), true and false.
    """
    view, columns = view_named(name), columns_of(name)
    query = asked_query(view, columns, strict=True)
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    listed = {key: column for key, column in columns.items() if column.in_csv}
    narrowed, order = narrow(statement, view, query), order_of(view, query)

    def read(bound: Bound) -> Window:
        return read_window(narrowed, order, bound, PORTION, params)

    lines = _lines(app, read, listed)
    response = Response(lines, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _lines(
    app: Flask, read: Callable[[Bound], Window], columns: Mapping[str, Column]
) -> Iterator[str]:
    yield _written([list(columns)])
    bound: Bound | None = Bound()
    while bound is not None:
        with app.app_context(), unit_of_work("read"):
            window = read(bound)
            rows = [
                [_cell(value) for value in row.values.values()] for row in rows_of(window, columns)
            ]
        if rows:
            yield _written(rows)
        bound = Bound(after=window.rows[-1].place) if window.has_next else None


def _written(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True) if value else ""
    if isinstance(value, list | tuple):
        return _harmless(", ".join(map(str, value)))
    return _harmless(str(value))


def _harmless(text: str) -> str:
    """Return the text so that no spreadsheet takes it for a formula (CSV injection)."""
    return "'" + text if text.startswith(FORMULA_STARTS) else text
