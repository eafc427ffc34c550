"""Archives of plugins that site admins bring: kept in the store, looked at before anything of them runs.

What is never installed goes with the sweep of the store (2.3.3, Upload).
"""

from __future__ import annotations

from typing import Final

from flask_babel import gettext as _

from portal.config import current_settings
from portal.core.database import db
from portal.core.errors import Forbidden, NotFound
from portal.core.unit_of_work import unit_of_work
from portal.pluginengine import store
from portal.pluginengine.archive import ArchiveLimits, ArchiveRefused, PluginArchive, read_archive
from portal.pluginengine.archive.limits import MIB, UNLIMITED
from portal.pluginengine.store import StoredArchive, StoreError
from portal.pluginengine.store.archives import read_bytes

_AROUND: Final = MIB // 16


def site_limits() -> ArchiveLimits:
    """Return the limits of archives that this site's operator has set (PORTAL_ARCHIVE_*)."""
    return ArchiveLimits.of(current_settings())


def largest_body() -> int:
    """Return the bytes of the largest request with an archive: the fields around it need a little."""
    return site_limits().packed + _AROUND


def uploads_are_on() -> bool:
    """Tell whether the operator lets archives be uploaded (PORTAL_PLUGIN_UPLOADS)."""
    return current_settings().plugin_uploads


def require_uploads() -> None:
    """Raise ``Forbidden`` when the operator has switched uploads off."""
    if not uploads_are_on():
        raise Forbidden(
            _("The operator of this site has switched the uploading of plugins off."),
            _("Plugins are installed with portal plugin install, or from a folder."),
        )


def keep(data: bytes, uploaded_by: int) -> PluginArchive:
    """Judge an archive and keep it in the store, in a unit of work of its own.

    Raises ``ArchiveRefused`` with every fault; then nothing is kept.
    """
    archive = read_archive(data, limits=site_limits())
    with unit_of_work():
        store.put(archive, uploaded_by=uploaded_by)
    return archive


def kept(sha256: str) -> tuple[PluginArchive, StoredArchive]:
    """Return an archive that was uploaded, and what is known of it; ``NotFound`` when it is gone."""
    try:
        found = store.find(sha256, db.session)
        return read_archive(read_bytes(sha256, db.session), limits=UNLIMITED), found
    except (StoreError, ArchiveRefused) as error:
        raise NotFound(
            _("This archive is not there, or is there no longer."),
            _("What is uploaded and not installed is removed after a day. Upload it again."),
        ) from error
