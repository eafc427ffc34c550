"""Looking whether a site keeps what a page of the docs promises: pages, incidents, commands, tables."""

import html
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import click
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.accounts.loading import find_user
from portal.cli.root import main
from tests.docs.pages import Check
from tests.fixtures.plugins import PluginSite


@dataclass
class Expectation:
    """What is looked for on an answer."""

    status: int = 200
    has: list[str] = field(default_factory=list)
    lacks: list[str] = field(default_factory=list)
    name: str = ""
    sent: dict[str, str] = field(default_factory=dict)


class Visitor:
    """Somebody who looks at a site as one person and another; ``logged`` gives what has been logged."""

    def __init__(self, site: PluginSite, logged: Callable[[], Iterable[str]] = tuple) -> None:
        self.site = site
        self._logged = logged
        self._clients: dict[str, FlaskClient] = {}
        self._told: list[list[str]] = []

    def come_anew(self) -> None:
        """Forget the browsers of the generation before."""
        self._clients.clear()

    def look(self, check: Check) -> None:
        """See whether a promise holds; AssertionError with its place when it does not."""
        looks = {
            "GET": self._visit,
            "POST": self._visit,
            "incident": self._incident,
            "log": self._log,
            "no": self._absence,
        }
        looks[check.words[0]](check)

    def _visit(self, check: Check) -> None:
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

    def _incident(self, check: Check) -> None:
        self._told.append(check.words[1:])
        found = self.incidents()
        assert any(is_about(each, check.words[1:]) for each in found), (check.place, found)

    def _log(self, check: Check) -> None:
        assert any(check.words[1] in each for each in self._logged()), check.place

    def _absence(self, check: Check) -> None:
        """``no command a b`` and ``no table name``: what the page says is not there yet."""
        _no, kind, *words = check.words
        if kind == "command":
            assert not has_command(main, words), f"{check.place}: portal {' '.join(words)} is there"
        else:
            assert kind == "table"
            assert words[0] not in self.site.tables(), f"{check.place}: the table is there"

    def incidents(self) -> list[str]:
        """Return what has gone wrong so far: plugin, hook, error."""
        found = self.site.runtime.health.incidents()
        return [f"{one.plugin} {one.hook} {one.error}" for one in found]

    def untold_incidents(self) -> list[str]:
        """Return what has gone wrong without having been promised."""
        return [
            each
            for each in self.incidents()
            if not any(is_about(each, words) for words in self._told)
        ]

    def client(self, name: str) -> FlaskClient:
        """Return the browser in which the person of that name is signed in; "" is nobody."""
        if name not in self._clients:
            with self.site.arrange("read"):
                user = find_user(name) if name else None
                assert user is not None or not name, f"nobody here is called {name}"
                self._clients[name] = self.site.client(user)
        return self._clients[name]


def is_about(incident: str, words: Iterable[str]) -> bool:
    """Tell whether an incident is the one that these words describe."""
    return all(word in incident for word in words)


def has_command(group: click.Command, words: Sequence[str]) -> bool:
    """Tell whether the command line knows the command."""
    for word in words:
        commands = group.commands if isinstance(group, click.Group) else {}
        if word not in commands:
            return False
        group = commands[word]
    return True


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
