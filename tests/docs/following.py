"""Somebody who follows a page of the docs: writes the files, types the commands, looks at what is promised.

The site is the one that ``make run`` makes, with its demo people and groups, in development mode: what is
written is in force at once.
"""

import html
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from click.testing import CliRunner
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.accounts.loading import find_user
from portal.cli.root import main
from portal.config import ROOT, Settings
from tests.docs.pages import Block, Check
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


@dataclass
class Expectation:
    """What is looked for on an answer."""

    status: int = 200
    has: list[str] = field(default_factory=list)
    lacks: list[str] = field(default_factory=list)
    name: str = ""
    sent: dict[str, str] = field(default_factory=dict)


class Follower:
    """Follows pages in a folder of its own; ``root`` is what the page calls the clone."""

    def __init__(self, root: Path, database_url: str) -> None:
        self.root = root
        self.environ = {
            "PORTAL_VAR": str(root / "var"),
            "DATABASE_URL": database_url,
            "PORTAL_PLUGINS_DIR": str(root / "plugins"),
            "PORTAL_SECRET_KEY": "a secret of the tests, long enough to be one",
            "PORTAL_DEVELOPMENT": "1",
        }
        shutil.copytree(ROOT / "plugins", root / "plugins", ignore=LEFT_OUT)
        self.run(["portal", "demo"])
        self.site = PluginSite(Settings.load(self.environ))
        self._clients: dict[str, FlaskClient] = {}

    def close(self) -> None:
        """Leave nothing of the site in this process."""
        self.site.runtime.close()

    def follow(self, parts: Iterable[Block | Check]) -> None:
        """Do what the page says, from its top to its end; nothing may go wrong that it does not tell."""
        told: list[list[str]] = []
        for part in parts:
            if isinstance(part, Block):
                self.do(part)
            elif part.words[0] == "incident":
                told.append(part.words[1:])
                assert [each for each in self.incidents() if is_about(each, part.words[1:])]
            else:
                self.look(part)
        untold = [each for each in self.incidents() if not any(is_about(each, one) for one in told)]
        assert untold == []

    def incidents(self) -> list[str]:
        """Return what has gone wrong so far: plugin, hook, error."""
        found = self.site.runtime.health.incidents()
        return [f"{one.plugin} {one.hook} {one.error}" for one in found]

    def do(self, block: Block) -> None:
        """Write a file, or type what a console block shows."""
        if block.language == "console":
            self._type(block)
        else:
            assert block.file, f"{block.place} does not say which file it is"
            self.write(block)
        self._clients.clear()
        self.site.refresh()

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

    # -- looking ---------------------------------------------------------------------------------

    def look(self, check: Check) -> None:
        """Ask for a page and see whether the promise holds."""
        method, address, *rest = check.words
        expected = expectation(rest)
        answer = self.client(expected.name).open(address, method=method, data=expected.sent)
        where = f"{check.place}: {method} {address}"
        assert answer.status_code == expected.status, f"{where} answers {answer.status}"
        text = shown(answer)
        for each in expected.has:
            assert each in text, f"{where} does not show {each!r}:\n{text}"
        for each in expected.lacks:
            assert each not in text, f"{where} shows {each!r}"

    def client(self, name: str) -> FlaskClient:
        """Return the browser in which the person of that name is signed in; "" is nobody."""
        if name not in self._clients:
            with self.site.arrange("read"):
                user = find_user(name) if name else None
                assert user is not None or not name, f"the demo has no {name}"
                self._clients[name] = self.site.client(user)
        return self._clients[name]


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


def is_about(incident: str, words: Iterable[str]) -> bool:
    """Tell whether an incident is the one that these words describe."""
    return all(word in incident for word in words)


def typed(text: str) -> list[tuple[str, list[str]]]:
    """Return the commands of a console block, each with the lines that it prints."""
    commands: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            commands.append((line.removeprefix("$ "), []))
        elif line.strip() and line.strip() != "…":
            commands[-1][1].append(line)
    return commands


def expectation(words: Sequence[str]) -> Expectation:
    """Read ``as NAME``, ``with FIELD=VALUE``, ``has TEXT``, ``lacks TEXT`` and a status."""
    expected, queue = Expectation(), list(words)
    while queue:
        word = queue.pop(0)
        if word.isdigit():
            expected.status = int(word)
        elif word == "as":
            expected.name = queue.pop(0)
        elif word == "with":
            name, _equals, value = queue.pop(0).partition("=")
            expected.sent[name] = value
        else:
            {"has": expected.has, "lacks": expected.lacks}[word].append(queue.pop(0))
    return expected


def shown(answer: TestResponse) -> str:
    """Return a page with its entities resolved and its spaces made single."""
    return " ".join(html.unescape(answer.text).split())
