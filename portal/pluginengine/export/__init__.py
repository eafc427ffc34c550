"""The export: all that a plugin holds on the site in one zip, also when its code is gone (design 6, Files)."""

from portal.pluginengine.export.writing import Exported, export_plugin

__all__ = ["Exported", "export_plugin"]
