"""Lost passwords: ask for the link, follow it."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.accounts.forms import ResetForm, WhoForm
from portal.accounts.recovery import find_forgetful, reset_password, send_reset_link
from portal.accounts.throttling import count_mail, forgive
from portal.accounts.views.blueprint import bp
from portal.core.errors import Invalid
from portal.core.unit_of_work import unit_of_work
from portal.web.transactions import transaction


@bp.route("/password/lost", methods=["GET", "POST"])
@transaction("read")
def lose_password() -> ResponseReturnValue:
    """Mail a link; the answer is the same whether there is such an account or not."""
    form = WhoForm()
    if form.validate_on_submit():
        count_mail()
        with unit_of_work():
            send_reset_link(form.who.data)
        return redirect(url_for("accounts.show_mail_sent"), 303)
    return render_template("accounts/lost_password.html", form=form), 422 if form.errors else 200


@bp.route("/password/reset/<token>", methods=["GET", "POST"])
@transaction("read")
def set_new_password(token: str) -> ResponseReturnValue:
    """Set a new password by a mailed link; logging in with it is the next step."""
    user = find_forgetful(token)
    if user is None:
        return _stale_link()
    form = ResetForm()
    if form.validate_on_submit():
        try:
            form.check_repetition()
            with unit_of_work():
                reset_password(token, form.new_password.data)
        except Invalid as refusal:
            form.take_errors(refusal)
        else:
            forgive(user.user_name)
            flash(_("Your password was changed. Log in with the new one."), "success")
            return redirect(url_for("accounts.login"), 303)
    page = render_template("accounts/reset_password.html", form=form, person=user)
    return page, 422 if form.errors else 200


def _stale_link() -> ResponseReturnValue:
    page = render_template(
        "accounts/stale_link.html",
        text=_("It was used already, or it is more than an hour old."),
        remedy_url=url_for("accounts.lose_password"),
        remedy=_("Get another mail"),
    )
    return page, 404
