"""The search for the plugin that spoils a page, as pages: begin, answer, give up (``siteadmin.bisecting``)."""

from __future__ import annotations

from collections.abc import Iterable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.pluginengine.engine import current_engine
from portal.pluginengine.needs import dependents_first, needs_among, with_needed
from portal.siteadmin.bisectform import BisectForm, page_at
from portal.siteadmin.bisecting import Bisection
from portal.siteadmin.menu import PLUGINS
from portal.siteadmin.ownview import own_view
from portal.siteadmin.plugintabs import config_endpoint
from portal.siteadmin.viewcookie import OwnView, keep_view
from portal.siteadmin.views.blueprint import bp
from portal.web.transactions import transaction


@bp.get("/plugin-bisect")
def show_bisection() -> str:
    """The form that begins a search, the search that goes on, or its result; drawn without plugins."""
    form = BisectForm(formdata=None, path=request.args.get("path", ""))
    return _page(form)


@bp.post("/plugin-bisect")
@transaction("read")
def begin_bisection() -> ResponseReturnValue:
    """Begin a search: the page is looked at once with every plugin."""
    form = BisectForm()
    if not form.validate_on_submit():
        return _page(form), 422
    search = Bisection(path=str(form.path.data), fault=form.chosen())
    return _go_on(search)


@bp.post("/plugin-bisect/answer")
@transaction("read")
def answer_bisection() -> Response:
    """Take the answer of somebody who looked; one that belongs to an earlier question is not taken."""
    search = own_view().bisection
    if search is None or search.phase == "done":
        flash(_("No search is going on."), "info")
        return redirect(url_for("siteadmin.show_bisection"), 303)
    answer = request.form.get("answer")
    if request.form.get("turn") != str(search.turn) or answer not in ("wrong", "fine"):
        flash(_("That answer belonged to another question. Look again, please."), "warning")
        return redirect(search.path, 303)
    if search.phase == "look" and answer == "wrong":
        return _go_on(_begun(search))
    running = _keys(current_engine().plugins)
    judged = search.without(running)
    return _go_on(judged.answered(is_wrong=answer == "wrong"))


@bp.post("/plugin-bisect/end")
@transaction("read")
def end_bisection() -> Response:
    """Give a search up, or put its result away; this browser sees everything again."""
    return keep_view(redirect(url_for("siteadmin.show_bisection"), 303), OwnView())


def _begun(search: Bisection) -> Bisection:
    """Return the search with those who took part; with all that run, where the page could not tell."""
    plugins = current_engine().plugins
    needs = needs_among(plugins)
    named = request.form.get("here")
    here = plugins.keys() if named is None else set(named.split(",")) & plugins.keys()
    page = with_needed(_owners(search.path), needs)
    return search.begun(_keys(dependents_first(here, needs)), _keys(page))


def _owners(path: str) -> set[str]:
    """Return whose page it is: the plugin that serves it, or whose settings it shows; nobody's otherwise."""
    found = page_at(path)
    endpoint = found[1] if found is not None else ""
    return {
        handle
        for handle, plugin in current_engine().plugins.items()
        if endpoint.partition(".")[0] == handle or endpoint == config_endpoint(plugin.record.code)
    }


def _keys(handles: Iterable[str]) -> tuple[int, ...]:
    plugins = current_engine().plugins
    return tuple(plugins[handle].record.plugin_id for handle in handles)


def _go_on(search: Bisection) -> Response:
    """Lead to the page as the search shows it now, or to the result."""
    target = url_for("siteadmin.show_bisection") if search.phase == "done" else search.path
    return keep_view(redirect(target, 303), OwnView(bisection=search))


def _page(form: BisectForm) -> str:
    engine, search = current_engine(), own_view().bisection
    keys = {plugin.record.plugin_id: plugin for plugin in engine.plugins.values()}
    culprit = search.culprit if search is not None else None
    suspects = search.suspects if search is not None else ()
    records = [each for each in engine.state.plugins if each.plugin_id in suspects]
    return render_template(
        "siteadmin/bisect.html",
        form=form,
        search=search,
        culprit=keys.get(culprit) if culprit is not None else None,
        suspects=[record.name for record in records],
        running=len(keys),
        active_section=PLUGINS,
        breadcrumbs=[{"title": _("Find a bad plugin")}],
    )
