"""Log-in and log-out, and the page on which people change their settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.accounts.authentication import log_in
from portal.accounts.destinations import destination
from portal.accounts.forms import LoginForm, PasswordForm, SettingsForm
from portal.accounts.guards import requires_login
from portal.accounts.menu import SETTINGS
from portal.accounts.services import change_password, update_settings
from portal.accounts.sessions import begin_session, bid_farewell, end_session
from portal.core.errors import Invalid
from portal.pluginengine.toggles import change_toggles, toggles_for
from portal.web.current import current
from portal.web.forms import EmptyForm
from portal.web.transactions import transaction

bp = Blueprint("accounts", __name__)


@bp.route("/login", methods=["GET", "POST"])
@transaction("read")
def login() -> ResponseReturnValue:
    """Sign a person in; reads only, so that checking a password blocks nobody's write."""
    home = url_for("home.show_my_page")
    if current.viewer is not None:
        return redirect(home, 303)
    form = LoginForm()
    if form.validate_on_submit():
        try:
            user = log_in(form.user_name.data, form.password.data)
        except Invalid as refusal:
            form.take_errors(refusal)
        else:
            begin_session(user)
            return redirect(destination(request.args.get("next", ""), home), 303)
    return render_template("accounts/login.html", form=form), 422 if form.errors else 200


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


@bp.route("/my/settings", methods=["GET", "POST"])
@requires_login
def edit_settings() -> ResponseReturnValue:
    """Show all settings; change name, time zone, language and appearance."""
    form = SettingsForm(obj=current.viewer)
    if form.validate_on_submit():
        try:
            update_settings(current.viewer, form.settings())
        except Invalid as refusal:
            form.take_errors(refusal)
        else:
            return _saved(_("Your settings were saved."))
    return _settings_page(form=form)


@bp.post("/my/settings/password")
@requires_login
def update_password() -> ResponseReturnValue:
    """Change the password; every other session of the person ends."""
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            form.check_repetition()
            change_password(current.viewer, form.old_password.data, form.new_password.data)
        except Invalid as refusal:
            form.take_errors(refusal)
        else:
            begin_session(current.viewer)
            return _saved(_("Your password was changed, and your sessions elsewhere were ended."))
    return _settings_page(password_form=form)


@bp.post("/my/settings/plugins")
@requires_login
def update_plugins() -> ResponseReturnValue:
    """Carry out what was switched; when one plugin refuses, nothing at all changes."""
    try:
        changed = change_toggles(current.viewer, request.form)
    except Invalid as refusal:
        return _settings_page(toggle_errors=refusal.errors)
    if not changed:
        return _saved(_("Nothing was changed."), "info")
    return _saved(_("Your plugins were saved."))


def _saved(text: str, grade: str = "success") -> ResponseReturnValue:
    flash(text, grade)
    return redirect(url_for("accounts.edit_settings"), 303)


def _settings_page(
    *,
    form: SettingsForm | None = None,
    password_form: PasswordForm | None = None,
    toggle_errors: Mapping[str, Sequence[str]] | None = None,
) -> ResponseReturnValue:
    """Draw the page of three forms; the one that was sent and refused keeps what was typed."""
    viewer = current.user = current.viewer
    form = form or SettingsForm(formdata=None, obj=viewer)
    password_form = password_form or PasswordForm(formdata=None)
    page = render_template(
        "accounts/settings.html",
        form=form,
        password_form=password_form,
        plugins_form=EmptyForm(formdata=None),
        toggles=toggles_for(viewer, request.form if toggle_errors else None, toggle_errors),
        active_tab=SETTINGS,
    )
    is_refused = form.errors or password_form.errors or toggle_errors
    return page, 422 if is_refused else 200
