"""Downloading all that a plugin holds, once the password was given again (design 6, Files)."""

from __future__ import annotations

import logging
from contextlib import suppress
from tempfile import TemporaryFile

from flask import render_template, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.accounts.confirming import requires_confirmation
from portal.core.errors import NotFound
from portal.pluginengine.belongings import belongings_of
from portal.pluginengine.engine import current_engine
from portal.pluginengine.errors import Refused
from portal.pluginengine.export import export_plugin
from portal.pluginengine.holders import Holder, find_holder
from portal.siteadmin.menu import PLUGINS
from portal.siteadmin.views.blueprint import bp
from portal.siteadmin.views.removing import choices_of
from portal.web.forms import EmptyForm
from portal.web.transactions import transaction

logger = logging.getLogger(__name__)


@bp.get("/plugins/<code>/export")
@requires_confirmation
def confirm_export(code: str) -> str:
    """Show what a plugin, installed or not, holds, and offer it as a file."""
    return _export_page(_holder(code))


@bp.post("/plugins/<code>/export")
@transaction("read")
@requires_confirmation
def download_export(code: str) -> ResponseReturnValue:
    """Send all that a plugin holds as a zip.

    It is written to a file without a name, which is gone when it was sent: nothing is held in memory, and
    no transaction is open while a slow browser takes its time.
    """
    holder = _holder(code)
    file = TemporaryFile(dir=current_engine().runtime.var)  # noqa: SIM115  closed with the answer
    try:
        exported = export_plugin(holder.handle, file)
    except Refused as refusal:
        file.close()
        return _export_page(_holder(code), str(refusal)), 409
    except OSError as error:
        with suppress(OSError):  # it would write the rest
            file.close()
        logger.exception("The export of plugin %s could not be written", holder.handle)
        told = _("The export could not be written: %(cause)s.", cause=error.strerror or str(error))
        return _export_page(_holder(code), told), 507
    size = file.tell()
    file.seek(0)
    answer = send_file(file, "application/zip", as_attachment=True, download_name=exported.name)
    answer.content_length = size
    answer.cache_control.no_store = True
    return answer


def _holder(code: str) -> Holder:
    holder = find_holder(code)
    if holder is None:
        raise NotFound(_("No plugin %(code)s holds anything on this site.", code=code))
    return holder


def _export_page(holder: Holder, refusal: str = "") -> str:
    return render_template(
        "siteadmin/plugin_export.html",
        holder=holder,
        belongings=belongings_of(holder.handle),
        choices=choices_of(holder.row.plugin_id if holder.row is not None else None),
        form=EmptyForm(),
        refusal=refusal,
        active_section=PLUGINS,
    )
