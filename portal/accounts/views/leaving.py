"""Deleting one's own account."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.accounts.departures import as_subject
from portal.accounts.forms import DeletionForm
from portal.accounts.guards import requires_login
from portal.accounts.menu import SETTINGS
from portal.accounts.services import delete_user
from portal.accounts.sessions import end_session
from portal.accounts.views.blueprint import bp
from portal.accounts.views.proving import active_person, prove_password
from portal.core.errors import Conflict, Invalid
from portal.core.unit_of_work import unit_of_work
from portal.pluginengine.personaldata import shares_of
from portal.web.current import current
from portal.web.transactions import transaction


@bp.route("/my/settings/delete", methods=["GET", "POST"])
@requires_login
@transaction("read")
def delete_account() -> ResponseReturnValue:
    """Say what deleting means, ask for the password, then delete and sign out."""
    user = current.user = current.viewer
    form = DeletionForm()
    if form.validate_on_submit():
        try:
            prove_password(user, form.password.data or "")
            with unit_of_work():
                delete_user(active_person(user.user_id))
        except Invalid as refusal:
            form.take_errors(refusal)
        except Conflict as conflict:
            form.form_errors.append(str(conflict))
        else:
            end_session()
            flash(_("Your account was deleted."), "success")
            return redirect(url_for("home.index"), 303)
    shares = shares_of(as_subject(user))
    page = render_template("accounts/delete.html", form=form, shares=shares, active_tab=SETTINGS)
    return page, 422 if form.errors else 200
