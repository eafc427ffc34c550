"""The people of the site: all of them as a list, and an account for somebody new (forge 4.1, 4.13)."""

from __future__ import annotations

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from portal.accounts.administration import register_person
from portal.accounts.models import User
from portal.core.errors import Invalid
from portal.pluginengine.engine import current_engine
from portal.siteadmin.menu import USERS
from portal.siteadmin.userforms import NewUserForm
from portal.siteadmin.userlists import USER_LIST, user_url
from portal.siteadmin.userqueries import people_by_state
from portal.siteadmin.views.blueprint import bp
from portal.web.lists.export import answer_list, wants_csv


@bp.get("/users/")
def list_users() -> ResponseReturnValue:
    """Every account, whatever its state, with the links that plugins add."""
    is_page = not wants_csv()
    links = current_engine().hooks.collect("site_admin_user_maintenance_hook") if is_page else ()
    return answer_list(
        USER_LIST.name,
        select(User),
        "siteadmin/users.html",
        active_section=USERS,
        counts=people_by_state() if is_page else {},
        links=links,
    )


@bp.route("/users/new", methods=["GET", "POST"])
def new_user() -> ResponseReturnValue:
    """Register a person: active at once, or when the mailed link has been followed."""
    form = NewUserForm()
    if form.validate_on_submit():
        try:
            user = register_person(form.registration(), at_once=form.at_once.data)
        except Invalid as refusal:
            form.take_errors(refusal)
        else:
            text = (
                _("The account %(user)s is active.", user=user.user_name)
                if user.is_active
                else _("A mail to %(address)s is on its way.", address=user.email)
            )
            flash(text, "success")
            return redirect(user_url(user.user_name), 303)
    page = render_template("siteadmin/new_user.html", form=form, active_section=USERS)
    return page, 422 if form.errors else 200
