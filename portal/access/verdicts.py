"""What permissions say of actions: ``permitted_action`` of the registry (spec 3.3.5)."""

from __future__ import annotations

from collections.abc import Iterator, Set

from portal.access.permissions import GROUP_ADMINISTER, PermissionRegistry


def is_known_action(
    registry: PermissionRegistry, action: str, active: Set[str] | None = None
) -> bool:
    """Tell whether a permission that counts says anything of the action."""
    return any(
        action in registry.actions(each.id, active)
        for each in registry
        if registry.is_active(each.id, active)
    )


def verdict(
    registry: PermissionRegistry, held: Set[str], action: str, active: Set[str] | None = None
) -> bool | None:
    """Return what the held permissions say of an action; None when they say nothing.

    In the order of ids, a permission's own word before those of what it inherits from; the first word
    wins, so that a permission can take an action away that another one would give.
    """
    for root in sorted(registry.without_implied(held, active)):
        for permission_id in _with_ancestors(registry, root, active):
            said = registry.actions(permission_id, active).get(action)
            if said is not None:
                return said
    return None


def _with_ancestors(
    registry: PermissionRegistry, root: str, active: Set[str] | None
) -> Iterator[str]:
    seen: set[str] = set()
    waiting = [root]
    while waiting:
        permission_id = waiting.pop(0)
        if permission_id in seen or not registry.is_active(permission_id, active):
            continue
        seen.add(permission_id)
        yield permission_id
        waiting += registry.parents(permission_id, active)
        if permission_id == GROUP_ADMINISTER:
            waiting += sorted(each.id for each in registry.of_scope("group"))
