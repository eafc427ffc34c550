"""Somebody who follows a page of the docs: writes the files, types the commands, looks at what is promised.

The site is the one that ``make run`` makes, with its demo people and groups, in development mode: what is
written is in force at once.
"""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from click.testing import CliRunner

from portal.cli.root import main
from portal.config import ROOT, Settings
from tests.docs.looking import Visitor
from tests.docs.pages import Block, Check
from tests.fixtures.compiled import share_compiled_templates
from tests.fixtures.plugins import PluginSite

#: What a clone is made of, as far as tests of a plugin need it.
CLONE = ("portal", "templates", "static", "migrations", "tests", "conftest.py", "setup.cfg")
LEFT_OUT = shutil.ignore_patterns("node_modules", "__pycache__", "browser", "docs")

#: The seeds' commands, which are other names for two of ours.
SEED_COMMANDS = {
    "register-plugin": ("plugin", "register"),
    "sf-register-plugin": ("plugin", "register"),
    "unregister-plugin": ("plugin", "unregister"),
    "sf-deregister-plugin": ("plugin", "unregister"),
}


class Follower:
    """Follows pages in a folder of its own; ``root`` is what the page calls the clone."""

    def __init__(self, root: Path, database_url: str) -> None:
        self.root = root
        self.environ = {
            "PORTAL_VAR": str(share_compiled_templates(root / "var")),
            "DATABASE_URL": database_url,
            "PORTAL_PLUGINS_DIR": str(root / "plugins"),
            "PORTAL_SECRET_KEY": "a secret of the tests, long enough to be one",
            "PORTAL_DEVELOPMENT": "1",
        }
        shutil.copytree(ROOT / "plugins", root / "plugins", ignore=LEFT_OUT)
        self.run(["portal", "demo"])
        self.site = PluginSite(Settings.load(self.environ))
        self.visitor = Visitor(self.site)

    def close(self) -> None:
        """Leave nothing of the site in this process."""
        self.site.runtime.close()

    def follow(self, parts: Iterable[Block | Check]) -> None:
        """Do what the page says, from its top to its end; nothing may go wrong that it does not tell."""
        for part in parts:
            if isinstance(part, Block):
                self.do(part)
            else:
                self.visitor.look(part)
        assert self.visitor.untold_incidents() == []

    def do(self, block: Block) -> None:
        """Write a file, or type what a console block shows."""
        if block.language == "console":
            self._type(block)
        else:
            assert block.file, f"{block.place} does not say which file it is"
            self.write(block)
        self.site.refresh()
        self.visitor.come_anew()

    def write(self, block: Block) -> None:
        """Write a file of the clone, or the part of it that the remark names."""
        path = self.root / block.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(edited(path.read_text() if block.remark else "", block))

    def _type(self, block: Block) -> None:
        for command, expected in typed(block.text):
            output = self.run(shlex.split(command))
            for line in expected:
                pattern = re.escape(" ".join(line.split())).replace("…", ".*")
                lines = [" ".join(each.split()) for each in output.splitlines()]
                assert any(re.fullmatch(pattern, each) for each in lines), (
                    f"{block.place}: {command} does not print {line!r}, but:\n{output}"
                )

    def run(self, words: Sequence[str]) -> str:
        """Run a command and return what it prints; what only prepares a shell does nothing."""
        words = [each for each in words if not re.match(r"[A-Z_]+=", each) or "ARGS" in each]
        if words[:2] == ["make", "run"]:
            words = ["portal", "demo"]
        if words[:2] == ["make", "test"]:
            return self._test(words[2].removeprefix("ARGS="))
        if words[0] == "mkdir":
            (self.root / words[-1]).mkdir(parents=True, exist_ok=True)
            return ""
        if words[0] == "cp":
            shutil.copytree(self.root / words[-2], self.root / words[-1], ignore=LEFT_OUT)
            return ""
        if words[0] in (".", "cd", "rm"):
            return self._small(words)
        if words[0] in SEED_COMMANDS:
            words = ["portal", *SEED_COMMANDS[words[0]], *words[1:]]
        assert words[0] == "portal", f"nobody here knows the command {words[0]}"
        return CliRunner().invoke(main, words[1:], env=self.environ).output

    def _small(self, words: Sequence[str]) -> str:
        if words[0] == "rm":
            shutil.rmtree(self.root / words[-1])
        return ""

    def _test(self, place: str) -> str:
        """Run a plugin's tests in a clone that holds the plugin, on SQLite."""
        clone = self.root / "clone"
        for name in CLONE:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, clone / name, ignore=LEFT_OUT)
            else:
                shutil.copy(source, clone / name)
        shutil.copytree(self.root / "plugins", clone / "plugins")
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-p",
                "no:cacheprovider",
                "-k",
                "not postgres",
                place,
            ],
            cwd=clone,
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def edited(before: str, block: Block) -> str:
    """Return a file's text after what the page says about it: at the end, from the top, in place of."""
    if block.remark == "at the end":
        return f"{before.rstrip()}\n\n\n{block.text}"
    if block.remark == "from the top":
        return block.text + before[before.index("\n\n\n") :]
    if block.remark.startswith("in place of"):
        return replaced(before, block)
    assert not block.remark, f"{block.place}: nobody knows what {block.remark!r} means"
    return block.text


def replaced(before: str, block: Block) -> str:
    """Put the block where a part of the file begins as it does.

    A part of a template ends with the same line, one of Python with what is indented below it.
    """
    lines, shown = before.splitlines(), block.text.rstrip("\n").splitlines()
    opening = shown[0].partition("(")[0]
    (start,) = [number for number, line in enumerate(lines) if line.startswith(opening)]
    end = start + 1
    if block.language == "python":
        while end < len(lines) and (lines[end].startswith((" ", ")")) or not lines[end]):
            end += 1
        shown += ["", ""] * (end < len(lines))
    else:
        end = lines.index(shown[-1], start) + 1
    return "\n".join([*lines[:start], *shown, *lines[end:], ""])


def typed(text: str) -> list[tuple[str, list[str]]]:
    """Return the commands of a console block, each with the lines that it prints."""
    commands: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            commands.append((line.removeprefix("$ "), []))
        elif line.strip() and line.strip() != "…":
            commands[-1][1].append(line)
    return commands
