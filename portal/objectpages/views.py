"""The views of the generic pages: load, authorise, act, answer. The engine's gate has let the request in.

Design 9, engineering 2 (aa): /plugins/<handle>/t/<type>/ and, for types with a group_id, below g/<group>/.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, current_app, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.access.guards import require_login
from portal.core.errors import Conflict, Forbidden, Invalid
from portal.objectpages import services
from portal.objectpages.drawing import draw_page
from portal.objectpages.facts import facts
from portal.objectpages.forms import RowForm, form_of, values_of
from portal.objectpages.lists import list_of
from portal.objectpages.places import Place, find_place
from portal.objectpages.plugincode import allows, title_of
from portal.pluginengine.containing import PieceFailed
from portal.pluginengine.errors import Veto
from portal.pluginengine.routing import GENERIC
from portal.web.forms import EmptyForm
from portal.web.lists.export import csv_of, wants_csv
from portal.web.lists.listing import read_list
from portal.web.transactions import takes_at_most

bp = Blueprint(GENERIC, __name__, url_prefix="/plugins/<handle>")

View = Callable[..., ResponseReturnValue]
PAGES = ("t/<type_name>/", "g/<group>/t/<type_name>/")
FORM = ("GET", "POST")
#: What a form may hold, in bytes: texts have no other limit.
LARGEST_FORM = 2 * 1024 * 1024


def _page(rest: str = "", methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
    """Let a view answer below both addresses of a type."""

    def mark(view: View) -> View:
        for place in PAGES:
            bp.add_url_rule(f"/{place}{rest}", view_func=view, methods=methods)
        return view

    return mark


@_page()
def list_rows(handle: str, type_name: str) -> ResponseReturnValue:
    """The rows that the viewer may see: sorted, filtered, paged, as CSV."""
    place = find_place(handle, type_name, "list")
    rows = list_of(current_app, place.page)
    statement = rows.statement(place)
    if wants_csv():
        return csv_of(rows.name, statement)
    return draw_page(place, "list", listing=read_list(rows.name, statement))


@_page("<int:key>/")
def show_row(handle: str, type_name: str, key: int) -> ResponseReturnValue:
    """One row with all its fields."""
    place = find_place(handle, type_name, "show")
    row = services.find_row(place, key)
    told = facts(place, row)
    may_change = place.may_edit and allows(place, row, "may_edit")
    heading = title_of(place, row)
    return draw_page(
        place, "show", key=key, row=row, facts=told, heading=heading, may_change=may_change
    )


@_page("new", FORM)
@takes_at_most(LARGEST_FORM)
def new_row(handle: str, type_name: str) -> ResponseReturnValue:
    """A form for a new row; adds it."""
    place = find_place(handle, type_name, "new")
    form, status = form_of(place), 200
    if form.is_submitted():
        status, made = _tried(form, lambda: services.create_row(place, values_of(form, place)))
        if made is not None:
            flash(_("Added."), "success")
            return redirect(_after(place, made), 303)
    heading = _("New %(noun)s", noun=place.page.noun)
    return draw_page(place, "form", form=form, key=None, heading=heading), status


@_page("<int:key>/edit", FORM)
@takes_at_most(LARGEST_FORM)
def edit_row(handle: str, type_name: str, key: int) -> ResponseReturnValue:
    """A form for a row; changes it unless somebody else has done so since it was read."""
    place = find_place(handle, type_name, "edit")
    row, digest = _taken(place, key)
    name = title_of(place, row)
    form, status = form_of(place, row, digest), 200
    if form.is_submitted():
        if request.form.get("digest") == digest:
            status, _none = _tried(
                form, lambda: services.change_row(place, row, values_of(form, place, row))
            )
        else:
            status = _overtaken(form, digest)
        if status < 400:
            flash(_("Saved."), "success")
            return redirect(_after(place, key), 303)
    heading = _("Edit %(title)s", title=name)
    return draw_page(place, "form", form=form, key=key, title=name, heading=heading), status


@_page("<int:key>/delete", FORM)
def delete_row(handle: str, type_name: str, key: int) -> ResponseReturnValue:
    """Ask whether a row is to be deleted; delete it."""
    place = find_place(handle, type_name, "delete")
    row, _digest = _taken(place, key)
    name, form, status = title_of(place, row), EmptyForm(), 200
    if form.is_submitted():
        status, _none = _tried(form, lambda: services.delete_row(place, row))
        if status < 400:
            flash(_("“%(title)s” was deleted.", title=name), "success")
            return redirect(_after(place), 303)
    return draw_page(place, "delete", form=form, key=key, heading=name), status


def _taken(place: Place, key: int) -> tuple[Any, str]:
    """Return a row that the viewer may change, with its digest."""
    if request.method == "POST":
        services.lock_row(place, key)
    row = services.find_row(place, key)
    if not allows(place, row, "may_edit"):
        require_login()
        raise Forbidden(_("You may not change this."))
    return row, services.digest_of(place, key)


def _tried(form: RowForm | EmptyForm, write: Callable[[], Any]) -> tuple[int, Any]:
    """Write what a form says when it is valid; returns the status of the answer, and what the write gave.

    What is wrong stands in the form then.
    """
    if not form.validate():
        return 422, None
    try:
        return 303, write()
    except (Veto, Invalid) as refusal:
        if isinstance(form, RowForm):
            form.take_refusal(refusal)
        else:
            form.form_errors.append(refusal.message)
        return 422, None
    except Conflict as conflict:
        form.form_errors.append(conflict.message)
        return 409, None
    except PieceFailed:
        form.form_errors.append(
            _(
                "The plugin failed while this was being saved. Nothing was saved; site admins are told."
            )
        )
        return 500, None


def _overtaken(form: RowForm, digest: str) -> int:
    """Say that the row is not what it was when the form was opened; sent once more, the form counts."""
    form.validate()
    form.digest.data = digest
    form.form_errors.append(
        _(
            "Somebody else has changed this since you opened the form. Look at what is there now; what you"
            " typed is kept below, and replaces it when you save again."
        )
    )
    return 409


def _after(place: Place, key: int | None = None) -> str:
    """Return where somebody goes who has written something: to the row, else to the list."""
    if key is not None and place.has("show"):
        return place.url("show", key)
    if place.has("list"):
        return place.url("list")
    return place.url("new") if place.has("new") else "/"
