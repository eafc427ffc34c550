"""The site's settings: every one of them once, read from the environment and from var/portal.cfg."""

from portal.config.settings import ROOT, SettingRow, Settings, SettingsError, current_settings

__all__ = ["ROOT", "SettingRow", "Settings", "SettingsError", "current_settings"]
