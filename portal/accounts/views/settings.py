"""My settings: four forms on one page, each sent alone, and the link that confirms an address.

Passwords are judged before anything is written, and slowed down like log-ins: a session that somebody got
hold of is no way to guess the password.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.accounts.addresses import address_in, change_address, request_address
from portal.accounts.forms import AddressForm, PasswordForm, SettingsForm
from portal.accounts.guards import requires_login
from portal.accounts.menu import SETTINGS
from portal.accounts.objecttype import PROFILE
from portal.accounts.services import change_password, note_fields, update_settings
from portal.accounts.sessions import begin_session
from portal.accounts.throttling import count_mail
from portal.accounts.views.blueprint import bp
from portal.accounts.views.proving import active_person, prove_password
from portal.core.errors import Invalid
from portal.core.unit_of_work import unit_of_work
from portal.pluginengine.settings.declared import plugins_with_settings
from portal.pluginengine.toggles import change_toggles, toggles_for
from portal.web.current import current
from portal.web.extensionforms import extended_form, store_fields
from portal.web.forms import EmptyForm
from portal.web.transactions import transaction


@bp.route("/my/settings", methods=["GET", "POST"])
@requires_login
def edit_settings() -> ResponseReturnValue:
    """Show all settings; change name, time zone, language and appearance."""
    form = extended_form(SettingsForm, PROFILE, current.viewer, obj=current.viewer)
    if form.validate_on_submit():
        try:
            update_settings(current.viewer, form.settings())
            note_fields(current.viewer, *store_fields(form, current.viewer))
        except Invalid as refusal:
            form.take_errors(refusal)
        else:
            return _saved(_("Your settings were saved."))
    return _settings_page(form=form)


@bp.post("/my/settings/password")
@requires_login
@transaction("read")
def update_password() -> ResponseReturnValue:
    """Change the password; every other session of the person ends."""
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            form.check_repetition()
            prove_password(current.viewer, form.old_password.data, "old_password")
            with unit_of_work():
                user = active_person(current.viewer.user_id)
                change_password(user, form.old_password.data, form.new_password.data)
        except Invalid as refusal:
            form.take_errors(refusal)
        else:
            begin_session(user)
            return _saved(_("Your password was changed, and your sessions elsewhere were ended."))
    return _settings_page(password_form=form)


@bp.post("/my/settings/email")
@requires_login
@transaction("read")
def update_address() -> ResponseReturnValue:
    """Mail a link to another address; it takes effect when that is followed."""
    form = AddressForm()
    if form.validate_on_submit():
        try:
            prove_password(current.viewer, form.password.data)
            count_mail()
            with unit_of_work():
                user = active_person(current.viewer.user_id)
                request_address(user, form.email.data, form.password.data)
        except Invalid as refusal:
            form.take_errors(refusal)
        else:
            return _saved(_("A mail is on its way to the new address. Follow the link in it."))
    return _settings_page(address_form=form)


@bp.route("/my/settings/email/<token>", methods=["GET", "POST"])
@requires_login
def confirm_address(token: str) -> ResponseReturnValue:
    """Ask by a button, then make the address behind the link the viewer's."""
    email = address_in(current.viewer, token)
    if email is None:
        page = render_template(
            "accounts/stale_link.html",
            text=_("It was used already, or is too old, or it belongs to another account."),
            remedy_url=url_for("accounts.edit_settings"),
            remedy=_("Go to your settings"),
        )
        return page, 404
    form = EmptyForm()
    if form.validate_on_submit():
        change_address(current.viewer, token)
        return _saved(_("Your address is %(email)s from now on.", email=email))
    return render_template("accounts/confirm_address.html", form=form, email=email)


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
    address_form: AddressForm | None = None,
    toggle_errors: Mapping[str, Sequence[str]] | None = None,
) -> ResponseReturnValue:
    """Draw the page of four forms; the one that was sent and refused keeps what was typed."""
    viewer = current.user = current.viewer
    form = form or extended_form(SettingsForm, PROFILE, viewer, formdata=None, obj=viewer)
    password_form = password_form or PasswordForm(formdata=None)
    address_form = address_form or AddressForm(formdata=None)
    page = render_template(
        "accounts/settings.html",
        form=form,
        password_form=password_form,
        address_form=address_form,
        plugins_form=EmptyForm(formdata=None),
        toggles=toggles_for(viewer, request.form if toggle_errors else None, toggle_errors),
        settings={
            handle: url_for("accounts.edit_plugin_settings", handle=handle)
            for handle in plugins_with_settings(viewer)
        },
        active_tab=SETTINGS,
    )
    is_refused = form.errors or password_form.errors or address_form.errors or toggle_errors
    return page, 422 if is_refused else 200
