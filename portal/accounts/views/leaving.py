"""Deleting one's own account."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.accounts.forms import DeletionForm
from portal.accounts.guards import requires_login
from portal.accounts.menu import SETTINGS
from portal.accounts.services import check_password, delete_user
from portal.accounts.sessions import end_session
from portal.accounts.views.blueprint import bp
from portal.core.database import db
from portal.core.errors import Conflict, Invalid
from portal.web.current import current


@bp.route("/my/settings/delete", methods=["GET", "POST"])
@requires_login
def delete_account() -> ResponseReturnValue:
    """Say what deleting means, ask for the password, then delete and sign out."""
    user = current.user = current.viewer
    form = DeletionForm()
    if form.validate_on_submit():
        try:
            check_password(user, form.password.data)
            with db.session.begin_nested():
                delete_user(user)
        except Invalid as refusal:
            form.take_errors(refusal)
        except Conflict as conflict:
            form.form_errors.append(str(conflict))
        else:
            end_session()
            flash(_("Your account was deleted."), "success")
            return redirect(url_for("home.index"), 303)
    page = render_template("accounts/delete.html", form=form, active_tab=SETTINGS)
    return page, 422 if form.errors else 200
