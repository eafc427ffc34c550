"""How a request's transaction begins and ends (engineering A2, A3).

GET, HEAD and OPTIONS read; everything else writes. A route that differs says so with ``@transaction``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Request, Response, current_app

from portal.core import unit_of_work
from portal.core.transactions import Mode

View = TypeVar("View", bound=Callable[..., Any])

READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def transaction(mode: Mode) -> Callable[[View], View]:
    """Declare the transaction of a view, whatever its method.

    "read": a read-only transaction; "write": a writing one, opened after the body has been parsed;
    "none": none is prepared and the body is not read, for views that stream.
    """

    def mark(view: View) -> View:
        view.portal_transaction = mode  # type: ignore[attr-defined]
        return view

    return mark


def takes_at_most(size: int | Callable[[], int]) -> Callable[[View], View]:
    """Declare how many bytes the body of a view's requests may have; more is answered with 413, unread.

    A function is asked at each request, for what the operator sets.
    """

    def mark(view: View) -> View:
        view.portal_largest_body = size  # type: ignore[attr-defined]
        return view

    return mark


def is_too_large(request: Request) -> bool:
    """Tell whether the body is announced to be larger than the view takes; whoever parses it meets 413."""
    length, most = request.content_length, request.max_content_length
    return length is not None and most is not None and length > most


def mode_of(request: Request) -> Mode:
    """Return the mode that the request's view declared, else the one of its method."""
    view = current_app.view_functions.get(request.endpoint or "")
    declared = getattr(view, "portal_transaction", None)
    if declared is not None:
        return cast(Mode, declared)
    return "read" if request.method in READING_METHODS else "write"


def begin(request: Request) -> Mode:
    """Set and return the mode of the request's unit; the body is parsed before it begins.

    One that is too large is left alone: the viewer is known when it is refused, so that the page is theirs.
    """
    mode = mode_of(request)
    view = current_app.view_functions.get(request.endpoint or "")
    largest = getattr(view, "portal_largest_body", None)
    if largest is not None:
        request.max_content_length = largest() if callable(largest) else largest
    if mode != "none" and request.method not in READING_METHODS and not is_too_large(request):
        request.form  # noqa: B018  parsing is the point
    unit_of_work.set_mode(mode)
    return mode


def end(response: Response) -> None:
    """Commit when the answer is a success, else roll back; then let reads go on, and run what waited."""
    unit = unit_of_work.current_unit()
    if response.status_code < 400:
        unit_of_work.commit()
    else:
        unit_of_work.rollback()
    unit_of_work.set_mode("read")
    unit_of_work.run_waiting(unit)
