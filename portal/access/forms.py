"""The forms of the role editor, for a group's roles and the site's; the rules stand in the services."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypedDict

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length

from portal.access.editor import Editor, PermissionSection, inactive_permissions
from portal.access.roles import LONGEST_ROLE_DESCRIPTION, LONGEST_ROLE_NAME
from portal.core.errors import Conflict, Invalid
from portal.web.forms import Form


class RoleValues(TypedDict):
    """What ``create_role`` and ``update_role`` take."""

    name: str
    description: str
    permissions: list[str]


class PermissionsForm(Form):
    """Check boxes for permissions; ``stored`` are the ids that are held when the page is opened."""

    permissions = SelectMultipleField(_l("Permissions"))

    def __init__(
        self, editor: Editor, stored: Iterable[str] = (), *args: Any, **kwargs: Any
    ) -> None:
        self._editor, self._stored = editor, list(stored)
        super().__init__(
            *args, data={"permissions": self._stored, **kwargs.pop("data", {})}, **kwargs
        )
        self.permissions.choices = [(each.id, str(each.label)) for each in editor.permissions()]

    def sections(self) -> list[PermissionSection]:
        """Return the check boxes as they are to be drawn: as sent, else as stored."""
        return self._editor.sections(set(self.permissions.data or ()))

    def take_refusal(self, refusal: Invalid | Conflict) -> None:
        """Put the errors of a service at their fields, a conflict's at the permissions."""
        if isinstance(refusal, Conflict):
            refusal = Invalid({"permissions": [str(refusal)]})
        self.take_errors(refusal)

    def inactive(self) -> list[str]:
        """Return the stored ids that nobody declares at the moment."""
        return inactive_permissions(self._stored)


class RoleForm(PermissionsForm):
    """A role: its name, what it is for, what it gives."""

    name = StringField(_l("Name"), [InputRequired(), Length(max=LONGEST_ROLE_NAME)])
    description = StringField(
        _l("Description"),
        [Length(max=LONGEST_ROLE_DESCRIPTION)],
        description=_l("What people with this role do here."),
    )

    def values(self) -> RoleValues:
        """Return the values as the services take them."""
        return {
            "name": self.name.data or "",
            "description": self.description.data or "",
            "permissions": self.permissions.data or [],
        }


class DeleteRoleForm(Form):
    """Deletes a role, for somebody who has ticked that they mean it."""

    sure = BooleanField(_l("Yes, delete this role"), [InputRequired()])


class AddPersonForm(Form):
    """Gives a role to a person."""

    user_name = StringField(
        _l("User name"),
        [InputRequired(), Length(max=32)],
        render_kw={"autocapitalize": "none", "spellcheck": "false"},
    )
