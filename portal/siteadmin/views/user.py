"""One person in site admin: facts, name and address, state, password, mails, groups (forge 4.13).

One's own account is changed in one's settings, so that no site admin locks themselves out here.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.accounts import administration
from portal.accounts.departures import as_subject
from portal.accounts.loading import find_user
from portal.accounts.models import DELETED, SUSPENDED, User
from portal.accounts.registration import activate
from portal.accounts.services import delete_user, note_fields, set_status
from portal.core.database import db
from portal.core.errors import Conflict, Invalid, NotFound
from portal.pluginengine.personaldata import shares_of
from portal.siteadmin.menu import USERS
from portal.siteadmin.userforms import (
    ADMINISTRATION,
    DeleteUserForm,
    MembershipForm,
    SetPasswordForm,
    UserForm,
)
from portal.siteadmin.userlists import user_url
from portal.siteadmin.userqueries import memberships_of_person
from portal.siteadmin.views.blueprint import bp
from portal.web.current import current
from portal.web.extensionforms import extended_form, store_fields


@bp.route("/users/<user_name>/", methods=["GET", "POST"])
def edit_user(user_name: str) -> ResponseReturnValue:
    """Show a person; change name and address."""
    user = the_user(user_name)
    form = extended_form(UserForm, ADMINISTRATION, user, obj=user)
    if form.validate_on_submit():
        refuse_oneself(user)
        try:
            with db.session.begin_nested():
                is_changed = _edit(user, form)
        except Invalid as refusal:
            form.take_errors(refusal)
        except Conflict as conflict:
            form.form_errors.append(str(conflict))
        else:
            text = _("The account was saved.") if is_changed else _("Nothing was changed.")
            return back(user, text, "success" if is_changed else "info")
    return user_page(user, form=form)


@bp.post("/users/<user_name>/activate")
def activate_user(user_name: str) -> Response:
    """Make a pending or suspended account active."""
    return _act(user_name, activate, _("The account is active."))


@bp.post("/users/<user_name>/suspend")
def suspend_user(user_name: str) -> Response:
    """Suspend an account; its sessions end."""
    return _act(user_name, lambda user: set_status(user, SUSPENDED), _("The account is suspended."))


@bp.route("/users/<user_name>/delete", methods=["GET", "POST"])
def delete_person(user_name: str) -> ResponseReturnValue:
    """Delete an account for good, once that was confirmed."""
    user = the_user(user_name)
    form = DeleteUserForm()
    if form.validate_on_submit():
        return _act(user_name, _delete, _("The account is deleted."))
    page = render_template(
        "siteadmin/user_delete.html",
        person=user,
        groups=memberships_of_person(user),
        shares=shares_of(as_subject(user)),
        form=form,
        active_section=USERS,
    )
    return page, 422 if form.errors else 200


@bp.post("/users/<user_name>/password")
def set_user_password(user_name: str) -> ResponseReturnValue:
    """Set a password for the person; their sessions end."""
    user = the_user(user_name)
    form = SetPasswordForm()
    if form.validate_on_submit():
        refuse_oneself(user)
        try:
            form.check_repetition()
            administration.set_new_password(user, form.new_password.data)
        except Invalid as refusal:
            form.take_errors(refusal)
        else:
            return back(user, _("The password was set, and every session of the person ended."))
    return user_page(user, password_form=form)


@bp.post("/users/<user_name>/reset-link")
def mail_reset_link(user_name: str) -> Response:
    """Mail the person a link behind which they set a password themselves."""
    return _act(user_name, administration.send_reset_link, _("The mail is on its way."))


@bp.post("/users/<user_name>/confirmation")
def resend_confirmation(user_name: str) -> Response:
    """Mail the link that confirms the account again."""
    return _act(user_name, administration.send_confirmation, _("The mail is on its way."))


def the_user(user_name: str) -> User:
    """Return the person of that login name, whatever their state; raises NotFound."""
    user = find_user(user_name)
    if user is None:
        raise NotFound(_("There is no account named %(name)s.", name=user_name))
    return user


def refuse_oneself(user: User) -> None:
    """Raise Conflict when the account is the viewer's own."""
    if user.user_id == current.viewer.user_id:
        raise Conflict(_("This is your own account."), _("Change it in your settings."))


def back(user: User, text: str, grade: str = "success") -> Response:
    """Tell what was done, and lead back to the person's page."""
    flash(text, grade)
    return redirect(user_url(user.user_name), 303)


def user_page(
    user: User,
    *,
    form: UserForm | None = None,
    password_form: SetPasswordForm | None = None,
    membership_form: MembershipForm | None = None,
) -> ResponseReturnValue:
    """Draw the page of three forms; the one that was sent and refused keeps what was typed."""
    sent = [each for each in (form, password_form, membership_form) if each is not None]
    page = render_template(
        "siteadmin/user.html",
        person=user,
        facts=_facts(user),
        groups=memberships_of_person(user),
        form=form or extended_form(UserForm, ADMINISTRATION, user, formdata=None, obj=user),
        password_form=password_form or SetPasswordForm(formdata=None),
        membership_form=membership_form or MembershipForm(formdata=None),
        is_own=user.user_id == current.viewer.user_id,
        active_section=USERS,
    )
    return page, 422 if any(each.errors for each in sent) else 200


def _delete(user: User) -> None:
    """Delete the account; what plugins declare and what could not be looked at is told."""
    for fault in delete_user(user):
        flash(
            _("Personal data of a plugin could not be looked at. %(fault)s", fault=fault), "warning"
        )


def _edit(user: User, form: UserForm) -> bool:
    """Save name, address and the fields of plugins; tells whether anything was changed."""
    is_changed = administration.edit_person(user, form.real_name.data, form.email.data)
    old, new = store_fields(form, user)
    note_fields(user, old, new)
    return is_changed or new != old


def _act(user_name: str, act: Callable[[User], None], told: str) -> Response:
    user = the_user(user_name)
    refuse_oneself(user)
    try:
        with db.session.begin_nested():
            act(user)
    except Conflict as conflict:
        return back(user, str(conflict), "danger")
    return back(user, told)


def _facts(user: User) -> list[tuple[str, str]]:
    """Return the facts of an account; what does not apply is left out by the page."""
    moments = {
        _("Registered"): user.created_at,
        _("Confirmed"): user.confirmed_at,
        _("Last log-in"): user.last_login_at,
    }
    return [
        (_("Number"), str(user.user_id)),
        (_("Login name"), user.user_name),
        (_("E-mail"), "" if user.status == DELETED else user.email),
        *(
            (term, format_datetime(moment, "medium") if moment else "")
            for term, moment in moments.items()
        ),
    ]
