"""The store: every uploaded archive whole in the database, unpacked by each host when it needs it (design 6).

So one upload reaches every host, two versions lie side by side during a swap, and no file system is shared.
"""

from portal.pluginengine.store.archives import StoredArchive, find, put, remove_unused
from portal.pluginengine.store.folders import Differences, StoreError
from portal.pluginengine.store.host import Store
from portal.pluginengine.store.ownreads import OwnReads

__all__ = [
    "Differences",
    "OwnReads",
    "Store",
    "StoreError",
    "StoredArchive",
    "find",
    "put",
    "remove_unused",
]
