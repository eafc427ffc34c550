"""The parameters that hooks of many packages share, in the words of the hook reference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

GROUP: Final[Mapping[str, str]] = {"group": "Group", "group_id": "int: the group's key"}
USER: Final[Mapping[str, str]] = {"user": "User", "user_id": "int: the user's key"}
VIEWER: Final[Mapping[str, str]] = {"viewer": "User or None: who looks"}
PLUGIN: Final[Mapping[str, str]] = {"plugin": "str: handle of the plugin"}
