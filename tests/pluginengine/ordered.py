"""A site with handlers to put in order, and looks at what became of them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.core.database import db
from portal.pluginengine import ordering
from portal.pluginengine.errors import Refused
from portal.pluginengine.handlertable import read_table
from portal.pluginengine.models import HandlerRow

HOOK = "project_after_description"
EVENTS = f"""
    {HOOK}:
    - {{handler: early, type: FIRST}}
    - {{handler: one, type: NORMAL}}
    - {{handler: two, type: NORMAL}}
    - {{handler: three, type: NORMAL}}
    - {{handler: late, type: LAST}}
    groupmenu:
    - {{handler: tab, type: NORMAL}}
"""
METHODS = "\n".join(
    f"def {name}(self):\n    return {value!r}"
    for name, value in (
        ("early", "<i>early</i>"),
        ("one", "<i>one</i>"),
        ("two", "<i>two</i>"),
        ("three", "<i>three</i>"),
        ("late", "<i>late</i>"),
        ("tab", None),
    )
)


def ordered_site(site, make_plugin):
    """Return the site with a plugin that answers one hook in every band, and another hook once."""
    make_plugin("probe", methods=METHODS, files={"event.yml": EVENTS})
    site.enable("probe")
    return site


def operate(site, verb, *arguments, **options):
    """Run a service and go over to the generation that it made."""
    with site.app.app_context():
        outcome = getattr(ordering, verb)(*arguments, **options)
    site.refresh()
    return outcome


def stored(site, hook=HOOK) -> dict[str, int]:
    """Return the numbers of the live rows by handler, highest first."""
    with site.arrange("read"):
        return {line.handler: line.stored for line in read_table(hook).lines}


def key(site, handler: str) -> int:
    with site.arrange("read"):
        query = select(HandlerRow.handler_id).where(HandlerRow.handler == handler)
        return db.session.scalars(query).one()


def change(site, handler: str, **values) -> None:
    """Write a row as imported data could have it."""
    with site.arrange():
        row = db.session.scalars(select(HandlerRow).where(HandlerRow.handler == handler)).one()
        for name, value in values.items():
            setattr(row, name, value)
    site.refresh()


def called(site) -> list[str]:
    """Return who answers the hook in this generation, in order."""
    return [each.name for each in site.engine.hooks.listeners(HOOK) if each.plugin]


def refused(site, words: str, verb: str, *arguments, **options) -> Refused:
    """Expect a refusal that leaves every table as it was."""
    before = site.snapshot()
    with pytest.raises(Refused, match=words) as refusal:
        operate(site, verb, *arguments, **options)
    assert site.snapshot() == before
    return refusal.value
