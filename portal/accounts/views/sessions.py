"""Logging in and out."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.accounts.authentication import log_in
from portal.accounts.destinations import destination
from portal.accounts.forms import LoginForm
from portal.accounts.sessions import begin_session, bid_farewell, end_session
from portal.accounts.throttling import count_attempt, forgive
from portal.accounts.views.blueprint import bp
from portal.core.errors import Invalid
from portal.pluginengine.engine import current_engine
from portal.web.current import current
from portal.web.transactions import transaction


@bp.route("/login", methods=["GET", "POST"])
@transaction("read")
def login() -> ResponseReturnValue:
    """Sign a person in; reads only, so that checking a password blocks nobody's write."""
    home = url_for("home.show_my_page")
    if current.viewer is not None:
        return redirect(home, 303)
    target = destination(request.args.get("next", ""), home)
    form = LoginForm()
    if form.validate_on_submit():
        count_attempt(form.user_name.data)
        try:
            user = log_in(form.user_name.data, form.password.data)
        except Invalid as refusal:
            form.take_errors(refusal)
        else:
            forgive(form.user_name.data)
            begin_session(user)
            return redirect(target, 303)
    methods = current_engine().hooks.collect("display_auth_form", return_to=target)
    page = render_template("accounts/login.html", form=form, methods=methods)
    return page, 422 if form.errors else 200


@bp.post("/logout")
@transaction("read")
def logout() -> ResponseReturnValue:
    """Sign the viewer out; plugins may take their cookies back."""
    user = current.viewer
    end_session()
    flash(_("You are logged out."), "success")
    response = make_response(redirect(url_for("home.index"), 303))
    if user is not None:
        bid_farewell(user, response)
    return response
