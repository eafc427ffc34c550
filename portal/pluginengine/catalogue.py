"""Every hook that this portal offers: one entry a name, fired or planned, and nothing unnamed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from portal.pluginengine.hooks import HookSpec


class UnknownHook(LookupError):
    """Nobody declares a hook of that name; the text offers the nearest names."""

    def __init__(self, name: str, nearest: Iterable[str] = ()) -> None:
        suggestion = " or ".join(nearest)
        remedy = f" Did you mean {suggestion}?" if suggestion else ""
        super().__init__(f"There is no hook named {name!r}.{remedy}")
        self.name = name

    def __str__(self) -> str:
        return str(self.args[0])


class DuplicateHook(ValueError):
    """Two declarations share one name."""


class Catalogue:
    """The hooks by name, in the order in which they were declared."""

    def __init__(self, specs: Iterable[HookSpec] = ()) -> None:
        self._specs: dict[str, HookSpec] = {}
        for spec in specs:
            self.add(spec)

    def add(self, spec: HookSpec) -> HookSpec:
        """Take a specification in and return it.

        Raises DuplicateHook when the name is taken, a planned entry included: the package that
        begins to fire a planned hook takes the entry out of ``portal.plannedhooks``.
        """
        present = self._specs.get(spec.name)
        if present is not None:
            plan = f" (planned for {present.planned})" if present.planned else ""
            raise DuplicateHook(
                f"The hook {spec.name!r} is declared twice: {present.where}{plan} and {spec.where}."
            )
        self._specs[spec.name] = spec
        return spec

    def get(self, name: str) -> HookSpec:
        """Return the specification of ``name``; raises UnknownHook with the nearest names."""
        try:
            return self._specs[name]
        except KeyError:
            raise UnknownHook(name, get_close_matches(name, self._specs, n=3)) from None

    def __contains__(self, name: object) -> bool:
        return name in self._specs

    def __iter__(self) -> Iterator[HookSpec]:
        return iter(self._specs.values())

    def __len__(self) -> int:
        return len(self._specs)

    def fired(self) -> tuple[HookSpec, ...]:
        """The hooks that some package fires today."""
        return tuple(spec for spec in self if spec.planned is None)

    def planned(self) -> tuple[HookSpec, ...]:
        """The hooks that are specified and not yet fired."""
        return tuple(spec for spec in self if spec.planned is not None)
