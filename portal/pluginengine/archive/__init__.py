"""Reading a hostile archive: a plugin packed as zip, tar or tar.gz, judged by content, all faults at once.

Pure: bytes in, a judged value out; nothing is written (2.3.3, Upload).
"""

from portal.pluginengine.archive.contents import contents
from portal.pluginengine.archive.faults import ARCHIVE, ArchiveRefused
from portal.pluginengine.archive.limits import ArchiveLimits
from portal.pluginengine.archive.reading import read_archive
from portal.pluginengine.archive.values import ArchiveFile, PluginArchive

__all__ = [
    "ARCHIVE",
    "ArchiveFile",
    "ArchiveLimits",
    "ArchiveRefused",
    "PluginArchive",
    "contents",
    "read_archive",
]
