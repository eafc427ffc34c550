"""docs/plugins/archives.md says what the code does: limits, and what is left out."""

import re
from pathlib import Path

import pytest

from portal.config import ROOT
from portal.pluginengine.archive import ArchiveLimits
from portal.pluginengine.archive.limits import MIB
from portal.pluginengine.archive.names import is_skipped, name_faults

PAGE = Path(ROOT, "docs", "plugins", "archives.md").read_text()
LIMITS = ArchiveLimits()
SENTENCES = {
    "sizes": f"at most {LIMITS.packed // MIB} MiB packed, {LIMITS.unpacked // MIB} MiB unpacked,"
    f" {LIMITS.file // MIB} MiB a file",
    "ratio": f"above {LIMITS.ratio_from // MIB} MiB at most {LIMITS.ratio} times",
    "entries": f"at most {LIMITS.entries:,} files and folders",
    "path": f"at most {LIMITS.path} bytes and {LIMITS.depth} levels",
}


@pytest.mark.parametrize("sentence", SENTENCES.values(), ids=SENTENCES)
def test_the_limits_are_those_of_the_code(sentence):
    assert sentence in PAGE


def test_what_is_said_to_be_left_out_is_left_out():
    section = PAGE.partition("## What is left out")[2].partition("These")[2].partition("Empty")[0]
    names = re.findall(r"`([^`]+)`", section)
    assert len(names) > 10
    assert [name for name in names if not is_skipped("a/" + name.replace("*", "x"))] == []


def test_the_characters_said_to_be_forbidden_are_forbidden():
    listed = re.search(r"none of `([^`]+)`", PAGE)
    assert listed is not None
    characters = listed.group(1).replace("\\|", "|").split()
    assert len(characters) == 7
    assert [each for each in characters if not name_faults(f"a{each}b", LIMITS)] == []
