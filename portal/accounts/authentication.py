"""Logging in: plugins are asked first, then the portal's own passwords; status is judged after either.

The chain of the hook session_before_login (forge 1.2, 20; spec/hooks.md). The password is handed on
and kept nowhere: the hook is confidential, so that no incident and no log line holds it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import cast

from flask import Flask, current_app
from flask_babel import gettext as _

from portal.accounts.loading import find_user
from portal.accounts.models import User
from portal.accounts.services import authenticate, refuse_closed
from portal.accounts.verdicts import Accept, Reject, Verdict
from portal.core.errors import Invalid
from portal.pluginengine.engine import current_engine
from portal.pluginengine.errors import Refused, Veto

logger = logging.getLogger(__name__)

EXTENSION = "portal.required_login_plugins"

#: Gives the handles of the plugins without whose say nobody logs in.
RequiredPlugins = Callable[[], frozenset[str]]


def install_login_policy(app: Flask, required: RequiredPlugins = frozenset) -> None:
    """Let the app ask ``required`` which plugins must have their say at each log-in; none by default."""
    app.extensions[EXTENSION] = required


def required_login_plugins() -> frozenset[str]:
    """Return the handles of the plugins that must be asked, as the running app's policy has it."""
    return cast(RequiredPlugins, current_app.extensions[EXTENSION])()


def log_in(loginname: str, passwd: str) -> User:
    """Return the active person whom these credentials belong to.

    Plugins are asked in order, and the first answer counts; when all abstain, the portal's own
    password decides. A required plugin is always asked: its rejection refuses whatever others said,
    and so does its failure. Raises ``Invalid`` with the text to show.
    """
    answers = _ask(loginname, passwd)
    if not answers:
        return authenticate(loginname, passwd)
    for answer in answers:
        if isinstance(answer, Reject):
            raise _refusal(str(answer.reason))
    return _accepted(loginname, cast("Sequence[Accept]", answers))


def _ask(loginname: str, passwd: str) -> Sequence[Verdict]:
    try:
        return current_engine().hooks.answers(
            "session_before_login",
            required=required_login_plugins(),
            loginname=loginname,
            passwd=passwd,
        )
    except Veto as veto:
        raise _refusal(veto.message) from None
    except Refused as refusal:
        logger.error("Nobody can log in: %s", refusal)  # noqa: TRY400  its causes may hold the password
        raise _refusal(
            _("Logging in is not possible right now. Ask the site's administrators.")
        ) from None


def _accepted(loginname: str, answers: Sequence[Accept]) -> User:
    """Return the account that all answers name; none is made here for somebody who has none."""
    names = {(answer.user_name or loginname).strip().lower() for answer in answers}
    if len(names) > 1:
        logger.warning("Plugins accepted one log-in for the accounts %s", ", ".join(sorted(names)))
        raise _refusal(_("This login name and password do not go together."))
    user = find_user(names.pop())
    if user is None:
        raise _refusal(
            _("You have no account on this site yet. Ask the site's administrators for one.")
        )
    refuse_closed(user)
    return user


def _refusal(text: str) -> Invalid:
    return Invalid({"log-in": [text]})
