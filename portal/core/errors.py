"""The refusals that services raise; the web kit turns each into a page once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class PortalError(Exception):
    """A refusal with a text for the person who asked.

    ``message`` says what was tried and what is wrong, ``remedy`` what to do next.
    """

    status = 400

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class NotFound(PortalError):
    """The thing does not exist, or the viewer may not know that it does."""

    status = 404

    def __init__(self, message: str = "", remedy: str = "") -> None:
        super().__init__(message, remedy)


class Forbidden(PortalError):
    """The viewer knows the thing but may not do this with it."""

    status = 403

    def __init__(self, message: str = "", remedy: str = "") -> None:
        super().__init__(message, remedy)


class LoginRequired(PortalError):
    """An anonymous visitor asked for something that needs an account."""

    status = 401

    def __init__(self, message: str = "", remedy: str = "") -> None:
        super().__init__(message, remedy)


class Conflict(PortalError):
    """The state has changed meanwhile, or forbids this step."""

    status = 409


class Invalid(PortalError):
    """Values that break a rule; ``errors`` maps field names to texts."""

    status = 422

    def __init__(self, errors: Mapping[str, Sequence[str]], message: str = "") -> None:
        super().__init__(message or "; ".join(text for texts in errors.values() for text in texts))
        self.errors: dict[str, list[str]] = {name: list(texts) for name, texts in errors.items()}
