"""What the audit log calls a site admin's dealings with the outbox."""

from __future__ import annotations

from typing import Final

from flask_babel import lazy_gettext as _l

from portal.core.audit.actions import Action

MAIL_RETRY: Final = Action(name="mail.retry", label=_l("Mail tried again"))
MAIL_DISCARD: Final = Action(name="mail.discard", label=_l("Mail discarded"))

ACTIONS: Final = (MAIL_RETRY, MAIL_DISCARD)
