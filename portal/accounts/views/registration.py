"""Making an account: the form, the mailed link, and another mail for those whom it did not reach.

Writes happen in units of work of their own, after the attempt has been counted in another
(engineering A12), and hashing a password holds no lock.
"""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.accounts.forms import LoginForm, RegistrationForm, WhoForm
from portal.accounts.guards import requires_login
from portal.accounts.loading import load_user
from portal.accounts.models import ACTIVE, User
from portal.accounts.objecttype import REGISTRATION
from portal.accounts.registration import (
    confirm,
    find_pending,
    register,
    registration_closed,
    resend,
)
from portal.accounts.services import owner_of
from portal.accounts.sessions import begin_session
from portal.accounts.throttling import count_attempt, count_mail, forgive
from portal.accounts.views.blueprint import bp
from portal.config import current_settings
from portal.core.errors import Invalid
from portal.core.unit_of_work import unit_of_work
from portal.web.current import current
from portal.web.extensionforms import extended_form, store_fields
from portal.web.transactions import transaction


@bp.route("/register", methods=["GET", "POST"])
@transaction("read")
def new_account() -> ResponseReturnValue:
    """Make a pending account; the answer is the same whether the address is known or not."""
    if current.viewer is not None:
        return redirect(url_for("home.show_my_page"), 303)
    if current_settings().registration != "open":
        raise registration_closed()
    form = extended_form(RegistrationForm, REGISTRATION, None)
    if form.validate_on_submit():
        count_mail()
        try:
            with unit_of_work():
                store_fields(form, register(form.registration()))
        except Invalid as refusal:
            form.take_errors(refusal)
        else:
            return redirect(url_for("accounts.show_mail_sent"), 303)
    return render_template("accounts/register.html", form=form), 422 if form.errors else 200


@bp.get("/register/sent")
def show_mail_sent() -> ResponseReturnValue:
    """Say that a mail is on its way."""
    return render_template("accounts/mail_sent.html")


@bp.route("/register/resend", methods=["GET", "POST"])
@transaction("read")
def resend_confirmation() -> ResponseReturnValue:
    """Mail the link again; the answer is the same whether there is such an account or not."""
    form = WhoForm()
    if form.validate_on_submit():
        count_mail()
        with unit_of_work():
            resend(form.who.data)
        return redirect(url_for("accounts.show_mail_sent"), 303)
    return render_template("accounts/resend.html", form=form), 422 if form.errors else 200


@bp.route("/register/confirm/<token>", methods=["GET", "POST"])
@transaction("read")
def confirm_account(token: str) -> ResponseReturnValue:
    """Ask for login name and password, then activate the account and sign the person in."""
    if find_pending(token) is None:
        return _stale_link()
    form = LoginForm()
    if form.validate_on_submit():
        count_attempt(form.user_name.data)
        try:
            user = owner_of(form.user_name.data, form.password.data)
        except Invalid as refusal:
            form.take_errors(refusal)
        else:
            _confirm(token, user)
            return redirect(url_for("accounts.show_welcome"), 303)
    return render_template("accounts/confirm.html", form=form), 422 if form.errors else 200


def _confirm(token: str, user: User) -> None:
    with unit_of_work():
        owner = load_user(user.user_id)
        if owner is not None:
            confirm(token, owner)
    forgive(user.user_name)
    if owner is not None and owner.status == ACTIVE:
        begin_session(owner)
        flash(_("Your account is confirmed, and you are logged in."), "success")


def _stale_link() -> ResponseReturnValue:
    page = render_template(
        "accounts/stale_link.html",
        text=_("It was used already, or it is more than a week old, or a newer one was mailed."),
        remedy_url=url_for("accounts.resend_confirmation"),
        remedy=_("Get another mail"),
    )
    return page, 404


@bp.get("/register/welcome")
@requires_login
def show_welcome() -> ResponseReturnValue:
    """Welcome somebody who has just confirmed the account."""
    return render_template("accounts/welcome.html")
