"""What the host's packages keep for a plugin: they count it, and take it away at a purge (design 6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app
from flask_babel.speaklater import LazyString

from portal.pluginengine.models import PluginRow

EXTENSION = "portal.plugin_holdings"


@dataclass(frozen=True, kw_only=True)
class Holding:
    """One kind of things: ``name`` for logs, ``title`` for people; ``drop`` returns how many there were."""

    name: str
    title: str | LazyString
    count: Callable[[PluginRow], int]
    drop: Callable[[PluginRow], int]


def offer_holding(app: Flask, holding: Holding) -> None:
    """Let purges ask about a kind of things; only while the app is built."""
    app.extensions.setdefault(EXTENSION, []).append(holding)


def count_holdings(row: PluginRow) -> tuple[tuple[str, int], ...]:
    """Return how many there are of each kind, by its title; kinds of which there are none are left out."""
    found = ((str(each.title), each.count(row)) for each in _holdings())
    return tuple((title, count) for title, count in found if count)


def drop_holdings(row: PluginRow) -> dict[str, int]:
    """Take everything away; returns how many there were of each kind, by its name."""
    return {each.name: each.drop(row) for each in _holdings()}


def _holdings() -> list[Holding]:
    return cast("list[Holding]", current_app.extensions.get(EXTENSION, []))
