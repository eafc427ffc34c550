"""Permissions that plugins declare in config.yml, judged and taken into the registry (M-27 to M-36)."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping

from flask import Flask
from flask_babel import gettext as _

from portal.access.permissions import (
    CORE,
    GROUP_READ,
    Addition,
    Permission,
    PermissionRegistry,
)
from portal.pluginengine.errors import LoadError
from portal.pluginengine.manifest import Manifest, PermissionDeclaration
from portal.pluginengine.readers import ManifestReader, read_manifests

logger = logging.getLogger(__name__)

DEFAULT_ORDER = 1000


def read_declarations(app: Flask, registry: PermissionRegistry) -> None:
    """Let the registry of ``app`` take the permissions of every plugin that runs."""
    found = DeclaredPermissions(registry)
    read_manifests(app, ManifestReader(judge=found.judge, adopt=found.adopt, finish=found.finish))


class DeclaredPermissions:
    """Takes the permissions of one plugin after the other into a registry.

    Who gives a permission its label or its place owns it; the others may add to it what it inherits and
    what it allows. One to which there is only added belongs to the first who does.
    """

    def __init__(self, registry: PermissionRegistry) -> None:
        self._registry = registry
        self._ownerless: dict[str, tuple[str, PermissionDeclaration]] = {}
        self._inherited: list[tuple[str, str, str]] = []

    def judge(self, manifest: Manifest) -> None:
        """Raise ``LoadError`` for a permission that somebody else owns, and for a circle of inheritance."""
        for each in manifest.permissions:
            if each.is_defining and each.permission in self._registry:
                raise LoadError(manifest.handle, self._clash(each.permission))
        declared: dict[str, tuple[str, ...]] = {}
        for child, parent in _inherited(manifest):
            declared[child] = (*declared.get(child, ()), parent)
        for permission_id in declared:
            circle = next(self._circles(permission_id, declared), None)
            if circle is not None:
                raise LoadError(
                    manifest.handle,
                    _(
                        "Its permissions inherit in a circle: %(circle)s.",
                        circle=" → ".join(circle),
                    ),
                )

    def adopt(self, manifest: Manifest) -> None:
        """Take the permissions of a plugin that was found in order."""
        self._inherited += [(manifest.handle, *each) for each in _inherited(manifest)]
        for each in manifest.permissions:
            if each.is_of_seeing:
                seeing = Addition(owner=manifest.handle, inherit_from=(each.permission,))
                self._registry.add(GROUP_READ, seeing)
            if each.is_defining:
                self._declare(manifest.handle, each)
                continue
            addition = Addition(
                owner=manifest.handle,
                inherit_from=each.inherit_from,
                permitted_action=each.permitted_action,
            )
            self._registry.add(each.permission, addition)
            self._ownerless.setdefault(each.permission, (manifest.handle, each))

    def finish(self) -> None:
        """Give what nobody has defined to the first who spoke of it; tell of parents that there are not."""
        for permission_id, (handle, declaration) in self._ownerless.items():
            if permission_id not in self._registry:
                self._declare(handle, declaration)
        for handle, permission_id, parent in self._inherited:
            if parent not in self._registry:
                why = "nobody declares"
            elif permission_id.startswith("group.") and parent.startswith("system."):
                why = "is one of the site and cannot come with one of a group"
            else:
                continue
            logger.warning(
                "Plugin %s lets %s inherit from %s, which %s; that is ignored.",
                handle,
                permission_id,
                parent,
                why,
            )

    def _declare(self, handle: str, declaration: PermissionDeclaration) -> None:
        own = Permission(
            id=declaration.permission,
            label=declaration.title,
            section=declaration.group or "other",
            order=DEFAULT_ORDER if declaration.order is None else declaration.order,
            inherit_from=declaration.inherit_from,
            permitted_action=declaration.permitted_action,
            is_displayed=declaration.display is not False,
        )
        self._registry.declare([own], owner=handle)

    def _clash(self, permission_id: str) -> str:
        owner = self._registry.owner(permission_id)
        if owner == CORE:
            return _(
                "It declares the permission %(permission)s, which is the portal's own. It may only add"
                " inherit_from and permitted_action to it.",
                permission=permission_id,
            )
        return _(
            "It declares the permission %(permission)s, which the plugin %(owner)s has declared. Name it"
            " after your own plugin.",
            permission=permission_id,
            owner=owner,
        )

    def _circles(
        self, start: str, declared: Mapping[str, tuple[str, ...]]
    ) -> Iterator[tuple[str, ...]]:
        """Yield the ways that lead from a permission back to itself, both ends included."""
        waiting: list[tuple[str, ...]] = [(start,)]
        seen: set[str] = set()
        while waiting:
            way = waiting.pop()
            for parent in (*self._registry.parents(way[-1]), *declared.get(way[-1], ())):
                if parent == start:
                    yield (*way, parent)
                elif parent not in seen:
                    seen.add(parent)
                    waiting.append((*way, parent))


def _inherited(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Yield each permission with one that it brings along; seeing a group brings what says so."""
    for each in manifest.permissions:
        yield from ((each.permission, parent) for parent in each.inherit_from)
        if each.is_of_seeing:
            yield GROUP_READ, each.permission
