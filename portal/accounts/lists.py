"""The lists of a person's own pages."""

from __future__ import annotations

from portal.web.settinghistory import history_list

SETTING_LIST = history_list("my_setting_history")
