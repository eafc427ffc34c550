"""What docs/templates.md asks for and the files show: nothing inline, icons there, texts translated."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from portal.config import ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SPRITE = ROOT / "static" / "icons.svg"
ICON_CALLS = re.compile(
    r"\bicon\(\"([a-z0-9-]+)\"|icon_name=\"([a-z0-9-]+)\"|empty_state\(\"([a-z0-9-]+)\""
)
ICON_VALUES = re.compile(r"\bicon=\"([a-z0-9-]+)\"")
INLINE = re.compile(
    r"\sstyle=|\son[a-z]+=\"|<style|<script(?![^>]*\bsrc=)|\|\s*safe\b|autoescape",
    re.IGNORECASE,
)
WORDS = re.compile(r"[A-Za-z]{3,}")


def symbols() -> set[str]:
    return set(re.findall(r'<symbol id="([a-z0-9-]+)"', SPRITE.read_text("utf-8")))


def environment() -> Environment:
    return Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)


def identify(path: Path) -> str:
    return str(path.relative_to(ROOT / "templates"))


@pytest.mark.parametrize("path", TEMPLATES, ids=identify)
def test_no_template_writes_style_or_script_inline(path: Path) -> None:
    """The content security policy would refuse it (spec/engineering.md A15)."""
    text = path.read_text("utf-8")
    if path.parent.name == "mail":  # a mail has no policy, and no style sheet to link to
        text = text.replace('<style>{% include "mail/style.css" %}</style>', "")
    assert not INLINE.search(text)


@pytest.mark.parametrize("path", TEMPLATES, ids=identify)
def test_every_icon_of_a_template_is_in_the_sprite(path: Path) -> None:
    named = {
        name for found in ICON_CALLS.findall(path.read_text("utf-8")) for name in found if name
    }
    assert named <= symbols()


def test_every_icon_of_the_core_s_menus_is_in_the_sprite() -> None:
    sources = "\n".join(path.read_text("utf-8") for path in (ROOT / "portal").rglob("*.py"))
    assert set(ICON_VALUES.findall(sources)) <= symbols()


@pytest.mark.parametrize("path", TEMPLATES, ids=identify)
def test_every_text_of_a_template_goes_through_gettext(path: Path) -> None:
    """Literal text between elements would not be translated (house rule: gettext from the first day)."""
    tree = environment().parse(path.read_text("utf-8"))
    literal = " ".join(data.data for data in tree.find_all(nodes.TemplateData))
    visible = re.sub(r"<[^<>]*(>|$)|^[^<>]*>", " ", re.sub(r"<!doctype html>", "", literal))
    assert not WORDS.findall(visible)
