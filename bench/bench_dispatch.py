"""What one firing costs with 10 active plugins of 100, beside a raw blinker send to the same ten.

The real fence is measured as in a request: a unit of work with its transaction, the host's values in
``flask.g``, a viewer and a group whose page it is; reading as on a GET, writing as on a POST.

Run: .venv/bin/python bench/bench_dispatch.py
"""

from __future__ import annotations

import tempfile
import timeit
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import process_time

import blinker
from flask import Flask, g
from sqlalchemy import select

from portal.accounts.models import User
from portal.config import Settings
from portal.core.database import db
from portal.core.transactions import Mode
from portal.core.unit_of_work import unit_of_work
from portal.groups.models import Group
from portal.pluginengine.catalogue import Catalogue
from portal.pluginengine.dispatch import Hooks
from portal.pluginengine.fencing import Fence, NullFence
from portal.pluginengine.health import HealthLog
from portal.pluginengine.hooks import HookSpec
from portal.pluginengine.sessions import SessionFence
from portal.pluginengine.signals import HookNamespace

PLUGINS = 100
ACTIVE = 10
ROUNDS = 20_000
#: A savepoint around each handler is a hundred times dearer.
WRITING_ROUNDS = 200
REPEATS = 5


class Item:
    """What the handlers give."""


ITEM = Item()
GROUP = object()


def tab(group: object, viewer: object) -> Item:
    """The cheapest handler that does something."""
    return ITEM


def microseconds(call: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The best time of one call, of the processor: others may share it."""
    return (
        min(timeit.repeat(call, timer=process_time, number=rounds, repeat=REPEATS)) / rounds * 1e6
    )


@contextmanager
def page_of(app: Flask, mode: Mode) -> Iterator[None]:
    """Be where a page of a group is made for somebody who is signed in."""
    with app.app_context(), unit_of_work(mode):
        g.portal_request_id = "0123456789abcdef"
        g.portal_viewer = g._login_user = db.session.scalars(select(User)).one()
        g.portal_group = g.portal_page_owner = db.session.scalars(select(Group)).one()
        g.portal_actor = (1, "alice")
        g.portal_session = g.portal_let_in = g.portal_plugin = g.portal_nonce = None
        yield


def small_site(folder: str) -> Flask:
    """An app with a database that has somebody and a group."""
    settings = Settings.load({"PORTAL_VAR": folder})
    app = Flask("bench")
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    db.init_app(app)
    with app.app_context(), unit_of_work():
        db.metadata.create_all(db.session.connection())
        db.session.add(User(user_name="alice", real_name="A", email="a", email_ci="a"))
        db.session.add(Group(name="apollo", full_name="Apollo", full_name_ci="apollo"))
    return app


def hooks_with(plugins: int, fence: Fence | None) -> Hooks:
    """A dispatcher with one handler of each plugin, the first ACTIVE of them active."""
    spec = HookSpec(
        name="menu",
        kind="collect",
        scope="group",
        params={"group": "Group", "viewer": "User or None"},
        returns=Item,
        where="bench",
        doc="Measured.",
    )
    active = frozenset(f"p{number}" for number in range(ACTIVE))
    hooks = Hooks(
        Catalogue([spec]),
        HookNamespace(),
        HealthLog(),
        active_set=lambda owner: active,
        fence=fence,
    )
    for number in range(plugins):
        hooks.attach(f"p{number}", "menu", "tab", tab, priority=400 - number, row_id=number)
    return hooks


def fire(hooks: Hooks) -> Callable[[], object]:
    """A firing of the hook, to be timed."""
    return lambda: hooks.collect("menu", group=GROUP, viewer=None)


def main() -> None:
    """Print the figures."""
    raw = blinker.Signal()
    receivers = [lambda sender, group, viewer: ITEM for _ in range(ACTIVE)]
    for receiver in receivers:
        raw.connect(receiver)
    cases: dict[str, Callable[[], object]] = {
        "the handlers alone, called in a row": lambda: [tab(GROUP, None) for _ in range(ACTIVE)],
        "no handler at all": fire(hooks_with(0, None)),
        f"{ACTIVE} active of {PLUGINS}": fire(hooks_with(PLUGINS, None)),
        "the same, with a fence that does nothing": fire(hooks_with(PLUGINS, NullFence())),
        f"a raw blinker send to {ACTIVE}": lambda: raw.send(None, group=GROUP, viewer=None),
    }
    for name, call in cases.items():
        show(name, microseconds(call))
    fenced = fire(hooks_with(PLUGINS, SessionFence()))
    with tempfile.TemporaryDirectory() as folder:
        app = small_site(folder)
        with page_of(app, "read"):
            show("with the real fence, on a GET", microseconds(fenced))
        with page_of(app, "write"):
            show("with the real fence, on a POST", microseconds(fenced, WRITING_ROUNDS))


def show(name: str, figure: float) -> None:
    """Print one figure."""
    print(f"{name:45} {figure:8.2f} us")


if __name__ == "__main__":
    main()
