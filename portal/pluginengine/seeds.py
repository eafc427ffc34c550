"""What a hook says about the seeds' own ways: how ``call_hook`` sees it, which returned text it reads.

The domain that owns a hook declares these beside it; the engine only carries them out and knows no
seed's names (seed 004; engineering 1C 3 and 18, 2 (m)).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from portal.pluginengine.arguments import Params
from portal.pluginengine.manifest import LinkDeclaration


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """One finished call of ``call_hook``: what it was given (untouched), what it left, what it returned.

    ``so_far`` are the values that the hook's earlier handlers gave in this firing, in order.
    """

    given: Mapping[str, object]
    left: Mapping[str, object]
    returned: object
    so_far: Sequence[object] = ()


#: Makes the entries that no parameter of the hook holds, of the parameters and the values so far.
Enter = Callable[[Params, Sequence[object]], Mapping[str, object]]

#: Reads the call back and returns what a keyword handler would have; raises SeedFault for nonsense.
Leave = Callable[[Called], object]

#: Reads a returned text in the form that the seed prescribes and returns the values it stands for;
#: None when it is not in that form, so that it is judged like any other value. Raises SeedFault.
ReadForm = Callable[[str], Sequence[object] | None]

#: Makes a hook's value of a link declared in config.yml; gets the plugin's handle, too.
MakeLink = Callable[[str, LinkDeclaration, Params], object]


class SeedFault(ValueError):
    """A handler in a seed's style did or returned what the hook cannot take; the text says what."""


def _returned(called: Called) -> object:
    """Take what was returned; changes of the mapping mean nothing."""
    return called.returned


@dataclass(frozen=True, kw_only=True)
class SeedCall:
    """The mapping that ``call_hook`` gets, and what its changes mean.

    ``names`` maps entries to the hook's parameters that they are taken from; ``enter`` makes
    further ones.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    enter: Enter | None = None
    leave: Leave = _returned

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", MappingProxyType(dict(self.names)))

    def mapping(self, params: Params, so_far: Sequence[object]) -> dict[str, object]:
        """Return the entries, in the order of ``enter``'s before the plain ones."""
        made = dict(self.enter(params, so_far)) if self.enter is not None else {}
        return {**made, **{name: params[source] for name, source in self.names.items()}}
