"""Links without any Python: ``links:`` in config.yml gives a base URL to a link hook (seed 001).

Each becomes a handler called ``link``, of type NORMAL; the domain that owns the hook says how a link
becomes its value, and adds to the address what tells the page where it was followed from.
"""

from __future__ import annotations

from dataclasses import dataclass

from portal.pluginengine.arguments import Binding, SignatureFault
from portal.pluginengine.hooks import HookSpec
from portal.pluginengine.manifest import HandlerDeclaration, LinkDeclaration, Manifest
from portal.pluginengine.manifest.links import LINK_HANDLER
from portal.pluginengine.styles import BoundHandler


@dataclass(frozen=True, slots=True)
class LinkAnswer:
    """A declared link as the answer to its hook."""

    handle: str
    link: LinkDeclaration

    def bind_to(self, spec: HookSpec) -> Binding:
        """Return the call that gives the link; SignatureFault when the hook takes no links."""
        make = spec.link
        if make is None:
            raise SignatureFault(
                "config.yml names it under links, and this hook takes no links; "
                "those that do are marked in the hook reference"
            )
        return Binding(lambda params: make(self.handle, self.link, params), tuple(spec.params))


def declared_links(manifest: Manifest) -> tuple[HandlerDeclaration, ...]:
    """Return the lines of the handler table that the manifest's links make."""
    return tuple(
        HandlerDeclaration(event=link.hook, handler=LINK_HANDLER, type="NORMAL")
        for link in manifest.links
    )


def answers_of(handle: str, manifest: Manifest) -> tuple[BoundHandler, ...]:
    """Return a handler for each of the manifest's links."""
    return tuple(
        BoundHandler(declaration=declaration, answer=LinkAnswer(handle, link))
        for declaration, link in zip(declared_links(manifest), manifest.links, strict=True)
    )
