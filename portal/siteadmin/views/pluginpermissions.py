"""The permissions that a plugin declares, and who holds them; they are given in the role editors."""

from __future__ import annotations

from portal.siteadmin import plugintabs
from portal.siteadmin.permissionholders import holders_of
from portal.siteadmin.plugintypes import permissions_of
from portal.siteadmin.views.blueprint import bp
from portal.siteadmin.views.plugins import require_plugin
from portal.siteadmin.views.plugintab import tab_page


@bp.get("/plugins/<code>/permissions")
def show_plugin_permissions(code: str) -> str:
    """Each permission with its label and section, the roles that give it, and who has it directly."""
    plugin = require_plugin(code)
    declared = permissions_of(plugin)
    return tab_page(
        "plugin_permissions",
        plugin,
        plugintabs.PERMISSIONS,
        declared=declared,
        holders=holders_of([each.permission for each in declared]),
        is_known=plugin.manifest is not None,
    )
