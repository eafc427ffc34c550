"""Sending a person's export: by the person, and by site admins."""

from __future__ import annotations

import logging
from contextlib import suppress
from tempfile import TemporaryFile

from flask import send_file
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.accounts.exporting import export_person
from portal.accounts.models import User
from portal.core.errors import Conflict
from portal.pluginengine.engine import current_engine

logger = logging.getLogger(__name__)


def export_answer(user: User) -> Response:
    """Return an answer with all that the site knows about the person, as a file; for reading units of work.

    It is written to a file without a name, which is gone when it was sent: nothing is held in memory, and no
    transaction is open while a slow browser takes its time. Raises ``Conflict`` when it cannot be written.
    """
    file = TemporaryFile(dir=current_engine().runtime.var)  # noqa: SIM115  closed with the answer
    try:
        exported = export_person(user.user_id, file)
        size = file.tell()
    except OSError as error:
        with suppress(OSError):  # it would write the rest
            file.close()
        logger.exception("The export of account %s could not be written", user.user_id)
        raise Conflict(
            _("The export could not be written: %(cause)s.", cause=error.strerror or str(error))
        ) from error
    except BaseException:
        file.close()
        raise
    file.seek(0)
    answer = send_file(file, "application/json", as_attachment=True, download_name=exported.name)
    answer.content_length = size
    answer.cache_control.no_store = True
    return answer
