"""docs/plugins/api.md: each piece of code on the page runs, in a request for a page of a plugin."""

from collections.abc import Callable
from contextlib import nullcontext
from textwrap import dedent, indent
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Blueprint, url_for
from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column
from wtforms import StringField
from wtforms.validators import DataRequired

from portal import pluginapi
from portal.pluginengine.registration import importing
from portal.web.current import current
from tests.docs.pages import DOCS, Block, blocks_of
from tests.factories import make_group, make_member, make_user
from tests.fixtures.plugins import MakePlugin, PluginSite

PIECES = blocks_of(DOCS / "api.md")

PLUGIN = {
    "models.py": """
        from sqlalchemy.orm import Mapped, mapped_column
        from portal.pluginapi import group_fk, plugin_model

        Model = plugin_model()

        class Greeting(Model):
            greeting_id: Mapped[int] = mapped_column(primary_key=True)
            group_id: Mapped[int] = group_fk()
    """,
    "migrations/0001.py": """
        import sqlalchemy as sa
        from alembic import op

        revision, down_revision = "pieces_1", None

        def upgrade():
            group = sa.ForeignKey("groups.group_id", ondelete="CASCADE")
            op.create_table(
                "plugin_pieces_greeting",
                sa.Column("greeting_id", sa.Integer, primary_key=True),
                sa.Column("group_id", sa.Integer, group, nullable=False, index=True),
            )
    """,
    "views.py": """
        from flask import Blueprint, current_app
        from .models import Greeting

        bp = Blueprint("pieces", __name__)

        @bp.get("/g/<group>/")
        def index():
            current_app.extensions["test.piece"](Greeting)
            return ""

        @bp.get("/admin/")
        def list_groups():
            return ""
    """,
    "templates/pieces/page.html": '{% extends "layouts/plugin.html" %}',
    "templates/pieces/index.html": '{% extends "layouts/plugin.html" %}',
}

#: What a piece ends in raising, because that is what it shows.
RAISED = {"Invalid": pluginapi.Invalid}


@pytest.fixture
def page(site: PluginSite, make_plugin: MakePlugin) -> Callable[[Callable[[Any], None]], None]:
    """Lets a call be made from the plugin's page of a group; what it raises comes out."""
    config = {"scope": ["site", "group"], "policy": {"group": "forced"}}
    make_plugin("pieces", config=config, methods="pass", files=PLUGIN)
    site.enable("pieces")
    with site.arrange():
        alice = make_member(make_group("apollo"), make_user("alice"))

    def ask(call: Callable[[Any], None]) -> None:
        raised: list[Exception] = []

        def piece(greeting: Any) -> None:
            try:
                with importing(site.engine.plugins["pieces"].package):
                    call(greeting)
            except Exception as error:  # noqa: BLE001 - it is handed on
                raised.append(error)

        site.app.extensions["test.piece"] = piece
        assert site.client(alice).get("/plugins/pieces/g/apollo/").status_code == 200
        if raised:
            raise raised[0]

    return ask


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece.section.strip("`"))
def test_each_piece_of_code_runs(piece: Block, page: Callable[..., None]) -> None:
    expected = RAISED.get(piece.section.strip("`"))
    with pytest.raises(expected) if expected else nullcontext():
        page(lambda greeting: run(piece, {**what_plugins_import(), **stand_ins(greeting)}))


def run(piece: Block, names: dict[str, Any]) -> None:
    """Run a piece as a module, or as a function's body when it returns something; call what it defines."""
    text = dedent(piece.text)
    if text.startswith("return "):
        text = f"def piece():\n{indent(text, '    ')}\n\npiece()\n"
    exec(compile(text, piece.place, "exec"), names)
    if "check_password" in names:
        assert names["check_password"](names["self"], "alice", "secret") is None
    if "keep_it" in names:
        with pytest.raises(pluginapi.Veto, match="open orders"):
            names["keep_it"](names["self"], names["group"], False)
    if "index" in names:
        assert "Apollo" in names["index"]()


def what_plugins_import() -> dict[str, Any]:
    """Return the API, and what a plugin takes from Flask, SQLAlchemy and WTForms."""
    api = {name: getattr(pluginapi, name) for name in pluginapi.__all__}
    others = [Blueprint, url_for, select, Mapped, mapped_column, StringField, DataRequired]
    return {**api, **{each.__name__: each for each in others}, "_": pluginapi.gettext}


def stand_ins(greeting: Any) -> dict[str, Any]:
    """Return what the pieces take from the rest of their plugin."""
    return {
        "__name__": "pieces",
        "self": current.plugin,
        "group": current.group,
        "url": "/somewhere",
        "Greeting": greeting,
        "greetings_in": lambda group: select(greeting).where(greeting.group_id == group.group_id),
        "bp": Blueprint("pieces", "pieces"),
        "directory": SimpleNamespace(knows=lambda name, password: False),
        "client": SimpleNamespace(announce=lambda number: None),
        "greeting_id": 1,
        "has_open_orders": lambda group: True,
    }
