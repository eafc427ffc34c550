"""The first page of site admin: links in sections, the core's and the plugins'."""

from __future__ import annotations

from collections.abc import Iterable

from flask import render_template
from flask_babel import gettext as _

from portal.groups.queries import count_pending
from portal.pluginengine.engine import current_engine
from portal.siteadmin.menu import OVERVIEW
from portal.siteadmin.userqueries import people_by_state
from portal.siteadmin.views.blueprint import bp
from portal.web.navigation import Link

REST = "utilities"


@bp.get("/")
def index() -> str:
    """What site admins can do, by section."""
    engine = current_engine()
    links = engine.hooks.collect("site_admin_option_hook")
    return render_template(
        "siteadmin/index.html",
        link_sections=_by_section(links),
        facts=[
            (_("Plugins running"), str(len(engine.plugins))),
            (_("Plugins with trouble"), str(len(engine.problems))),
            (_("Generation"), str(engine.state.generation)),
        ],
        pending_groups=count_pending(),
        people=people_by_state(),
        active_section=OVERVIEW,
    )


def _by_section(links: Iterable[Link]) -> list[tuple[str, list[Link]]]:
    titles = {"users": _("People"), "groups": _("Groups"), REST: _("Utilities")}
    sections: dict[str, list[Link]] = {key: [] for key in titles}
    for link in links:
        sections[link.section if link.section in titles else REST].append(link)
    return [(titles[key], found) for key, found in sections.items()]
