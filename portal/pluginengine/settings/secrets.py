"""Which settings are nobody's business: neither the audit log nor exports tell their values.

Pages show one that only sounds secret to those who may set it; what is declared ``secret`` they do not show.
"""

from __future__ import annotations

from portal.core.audit.values import SensitiveField, refuse_sensitive
from portal.pluginengine.manifest import SettingDeclaration


def is_secret(declaration: SettingDeclaration) -> bool:
    """Tell whether the setting is declared secret, or its name sounds like one (a password, a token)."""
    if declaration.secret:
        return True
    try:
        refuse_sensitive([declaration.name])
    except SensitiveField:
        return True
    return False
