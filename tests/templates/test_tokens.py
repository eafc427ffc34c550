"""The colours of static/css/tokens.css: dark is written twice and must be equal, and every text can be read."""

from __future__ import annotations

import re

import pytest

from portal.config import ROOT

SHEET = (ROOT / "static" / "css" / "tokens.css").read_text("utf-8")
COLOUR = re.compile(r"--portal-([a-z-]+): (#[0-9a-f]{6});")
BLOCK = re.compile(r"color-scheme: (light|dark);(.*?)}", re.DOTALL)
LIGHT, DARK, DARK_BY_SYSTEM = (" ".join(body.split()) for _scheme, body in BLOCK.findall(SHEET))

GROUNDS = ("canvas", "surface", "tint", "sunken")
PAIRS = [
    *((text, ground) for text in ("ink", "ink-muted") for ground in GROUNDS),
    *(("ink-subtle", ground) for ground in ("canvas", "surface")),
    *((text, ground) for text in ("accent", "danger") for ground in ("canvas", "surface")),
    *(
        (f"{grade}-ink", f"{grade}-soft")
        for grade in ("accent", "success", "info", "warning", "danger")
    ),
    *((f"on-{role}", role) for role in ("accent", "danger")),
    ("on-accent", "accent-strong"),
    ("on-danger", "danger-strong"),
]


def luminance(colour: str) -> float:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_dark_by_choice_and_dark_by_the_system_are_the_same() -> None:
    assert DARK == DARK_BY_SYSTEM


def test_both_schemes_name_the_same_colours() -> None:
    assert dict(COLOUR.findall(LIGHT)).keys() == dict(COLOUR.findall(DARK)).keys()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_stands_out_from_its_ground(scheme: str, text: str, ground: str) -> None:
    """WCAG 2.2, 1.4.3: 4.5 to 1."""
    colours = dict(COLOUR.findall(LIGHT if scheme == "light" else DARK))
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_edge_of_a_field_can_be_seen(scheme: str) -> None:
    """WCAG 2.2, 1.4.11: 3 to 1."""
    colours = dict(COLOUR.findall(LIGHT if scheme == "light" else DARK))
    assert contrast(colours["line-control"], colours["surface"]) >= 3
