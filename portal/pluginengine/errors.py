"""What can go wrong with a plugin, as exceptions and values; independent of the core."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _


class PluginError(Exception):
    """The base of everything that the engine or a plugin refuses."""


class Veto(PluginError):
    """A check handler says no: the write is undone and the person sees why.

    ``message`` is the reason, for people; ``field`` names the form field that it belongs to, or
    is None when it concerns the whole form.
    """

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class HandlerMisuse(PluginError):
    """A handler did what handlers may not: commit, roll back, close, or write on a GET."""


class SettingError(PluginError):
    """A plugin asked for a setting that its config.yml does not declare."""


class PluginLeft(PluginError):
    """Code of a plugin raised what ends a process (``sys.exit()`` and the like) instead of an error."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(
            f"It raised {type(error).__name__}, which would end the worker. Return, or raise an Exception."
        )


class BadValue(PluginError, ValueError):
    """One value breaks one rule; ``value`` is the text as written, ``rule`` the rule in words."""

    def __init__(self, value: str, rule: str) -> None:
        super().__init__(_("%(value)s is refused. %(rule)s", value=excerpt(value), rule=rule))
        self.value = value
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong (or, as a warning, odd) in a plugin's files.

    ``file`` is config.yml or event.yml; ``key`` the path of the key inside it, parts joined by
    " > ", empty for the whole file; ``value`` the offending text (empty when something is
    missing); ``rule`` the rule that it breaks, with what to write instead.
    """

    file: str
    key: str
    value: str
    rule: str

    def __str__(self) -> str:
        place = f"{self.file}, {self.key}" if self.key else self.file
        shown = f" {excerpt(self.value)}." if self.value else ""
        return f"{place}:{shown} {self.rule}"


class ManifestError(PluginError):
    """config.yml and event.yml were judged and refused; ``faults`` holds every fault of both."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults: tuple[Fault, ...] = tuple(faults)


class LoadError(PluginError):
    """The plugin's code could not be brought up; ``plugin`` is its handle, ``cause`` the reason."""

    def __init__(self, plugin: str, cause: str) -> None:
        super().__init__(
            _("The plugin %(plugin)s was not loaded: %(cause)s", plugin=plugin, cause=cause)
        )
        self.plugin = plugin
        self.cause = cause


class Refused(PluginError):
    """An operation on a plugin was refused; ``remedy`` says what to do so that it is not."""

    def __init__(self, cause: str, remedy: str = "") -> None:
        super().__init__(f"{cause} {remedy}".strip())
        self.cause = cause
        self.remedy = remedy


def excerpt(value: str, limit: int = 80) -> str:
    """A value for a message: quoted, on one line, cut after ``limit`` characters."""
    return repr(value if len(value) <= limit else value[:limit] + "…")
