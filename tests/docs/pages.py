"""Reading a page of the docs: its code blocks with what they are, and what it promises.

A block is introduced by a line that ends in the name of its file, "`plugins/x/config.yml`:", or in the
name and a remark, "`views.py`, at the end:". Blocks in the language ``console`` need no name: what
begins with "$ " is typed, the rest is what comes back, "…" standing for anything. What the page promises
stands in comments that no reader sees: ``<!-- check: GET /groups/apollo/ as alice 200 has "Tab" -->``.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from portal.config import ROOT

DOCS = ROOT / "docs" / "plugins"

_FENCE = re.compile(r"^```(?P<info>.*)$")
_LABEL = re.compile(r"`(?P<file>[\w./]+\.\w+)`(?:, (?P<remark>[\w'` ]+))?:$")
_CHECK = re.compile(r"^<!-- check: (?P<words>.*) -->$")
_HEADING = re.compile(r"^#+ (?P<title>.*)$")


@dataclass(frozen=True, kw_only=True)
class Block:
    """A code block: where it stands, its language, the file it belongs to and the remark on it."""

    place: str
    section: str
    language: str
    file: str
    remark: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Check:
    """A promise of the page, in words."""

    place: str
    section: str
    words: list[str]


def read_page(path: Path) -> list[Block | Check]:
    """Return the blocks and the promises of a page, in its order."""
    return list(_parts(path))


def _parts(path: Path) -> Iterator[Block | Check]:
    lines = path.read_text(encoding="utf-8").splitlines()
    section, label, number = "", "", 0
    while number < len(lines):
        line = lines[number]
        place = f"{path.name}:{number + 1}"
        fence, check, heading = _FENCE.match(line), _CHECK.match(line), _HEADING.match(line)
        number += 1
        if fence:
            end = lines.index("```", number)
            found = _LABEL.search(label)
            yield Block(
                place=place,
                section=section,
                language=fence["info"],
                file=found["file"] if found else "",
                remark=(found["remark"] or "") if found else "",
                text="".join(f"{each}\n" for each in lines[number:end]),
            )
            number, label = end + 1, ""
        elif check:
            yield Check(place=place, section=section, words=shlex.split(check["words"]))
        elif heading:
            section = heading["title"]
        elif line.strip():
            label = line


def sections_of(path: Path) -> dict[str, str]:
    """Return the text below each heading of a page, by the heading's title."""
    parts = re.split(r"^#+ (.*)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def blocks_of(path: Path) -> list[Block]:
    """Return the code blocks of a page."""
    return [each for each in read_page(path) if isinstance(each, Block)]
