"""No NUL and no broken text come in: PostgreSQL cannot store them, and no honest form sends them."""

from __future__ import annotations

from flask import Request, abort


def refuse_nul(request: Request, *, with_form: bool) -> None:
    """Answer 404 for a NUL in the address and 400 for one in a value; ``with_form`` looks at the body too."""
    if "\0" in request.path:
        abort(404)
    if not request.query_string.isascii():  # an address is ASCII, the rest is percent-encoded
        abort(400)
    sources = [request.args, request.form] if with_form else [request.args]
    if any(
        "\0" in text for values in sources for pair in values.items(multi=True) for text in pair
    ):
        abort(400)
