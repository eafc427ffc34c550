"""The page on which a group's administrators answer somebody who asks to join (forge 4.8)."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access import joining
from portal.access.guards import requires
from portal.access.joinrequests import find_asking
from portal.access.models import JoinRequest
from portal.access.queries import roles_of
from portal.accounts.models import User
from portal.core.errors import Conflict, Invalid, NotFound
from portal.groups.joinforms import AcceptForm, RejectForm
from portal.groups.menu import ADMIN
from portal.groups.permissions import GROUP_ADMINISTER
from portal.groups.views.blueprint import bp
from portal.web.current import current
from portal.web.forms import Form


@bp.get("/<name>/admin/requests/<user_name>/")
@requires(GROUP_ADMINISTER)
def show_request(user_name: str) -> ResponseReturnValue:
    """Show what somebody asks, with the two answers."""
    return _page(*_asking(user_name), _accept_form(formdata=None), RejectForm(formdata=None))


@bp.post("/<name>/admin/requests/<user_name>/accept")
@requires(GROUP_ADMINISTER)
def accept_request(user_name: str) -> ResponseReturnValue:
    """Take in who has asked, with a role."""
    form = _accept_form()

    def accept(user: User) -> str:
        joining.accept_request(current.group, user, form.role.data, by=current.viewer)
        return _("%(name)s is now a member.", name=user.real_name)

    return _answer(user_name, form, accept, form, RejectForm(formdata=None))


@bp.post("/<name>/admin/requests/<user_name>/reject")
@requires(GROUP_ADMINISTER)
def reject_request(user_name: str) -> ResponseReturnValue:
    """Refuse who has asked, with a reason if there is one."""
    form = RejectForm()

    def reject(user: User) -> str:
        joining.reject_request(current.group, user, form.reason.data or "")
        return _("The request of %(name)s was rejected.", name=user.real_name)

    return _answer(user_name, form, reject, _accept_form(formdata=None), form)


def _answer(
    user_name: str,
    form: Form,
    answer: Callable[[User], str],
    accept_form: AcceptForm,
    reject_form: RejectForm,
) -> ResponseReturnValue:
    """Answer the request; one that is answered at the same moment leads back to the list."""
    request, user = _asking(user_name)
    if form.validate_on_submit():
        try:
            return _back(answer(user), "success")
        except Invalid as refusal:
            form.take_errors(refusal)
        except Conflict as refusal:
            return _back(str(refusal), "warning")
    return _page(request, user, accept_form, reject_form)


def _page(
    request: JoinRequest, user: User, accept_form: AcceptForm, reject_form: RejectForm
) -> ResponseReturnValue:
    page = render_template(
        "groups/admin_request.html",
        group=current.group,
        person=user,
        join_request=request,
        accept_form=accept_form,
        reject_form=reject_form,
        active_tab=ADMIN,
        active_item="members",
    )
    return page, 422 if accept_form.errors or reject_form.errors else 200


def _accept_form(**options: None) -> AcceptForm:
    form = AcceptForm(**options)
    form.role.choices = [(role.name, role.name) for role in roles_of(current.group.group_id)]
    return form


def _asking(user_name: str) -> tuple[JoinRequest, User]:
    """Return the request of an address and who asks; NotFound when none waits here."""
    asking = find_asking(current.group.group_id, user_name)
    if asking is None:
        raise NotFound(
            joining.no_request(user_name).message,
            _("The group's members page shows who asks to join."),
        )
    return asking


def _back(text: str, tone: str) -> Response:
    flash(text, tone)
    return redirect(url_for("groups.edit_members", name=current.group.name), 303)
