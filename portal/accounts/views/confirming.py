"""The page that asks for the password again, and leads back to where that was needed."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.confirming import confirm, is_confirmed
from portal.accounts.destinations import destination
from portal.accounts.forms import ConfirmationForm
from portal.accounts.guards import requires_login
from portal.accounts.views.blueprint import bp
from portal.core.errors import Invalid
from portal.web.current import current
from portal.web.transactions import transaction


@bp.route("/my/confirm-password", methods=["GET", "POST"])
@requires_login
@transaction("read")
def confirm_password() -> ResponseReturnValue:
    """Ask who sits there; reads only, so that checking a password blocks nobody's write."""
    target = destination(request.args.get("next", ""), url_for("home.show_my_page"))
    if is_confirmed():
        return redirect(target, 303)
    form = ConfirmationForm()
    if form.validate_on_submit():
        try:
            confirm(current.viewer, form.password.data or "")
        except Invalid as refusal:
            form.take_errors(refusal)
        else:
            return redirect(target, 303)
    page = render_template("accounts/confirm_password.html", form=form, target=target)
    return page, 422 if form.errors else 200
