"""What a plugin can add to the pages of people, and what it is told of sessions and accounts."""

from collections.abc import Mapping

from flask import Response
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from portal.pluginapi import Accept, Link, LoginMethod, MenuItem, Plugin, Reject, User, Veto
from portal.pluginapi import gettext as _


class PeopleHooks(Plugin):
    """Hooks that are about one person, signed in or not."""

    def look_at_session(self, viewer: User | None, session: dict[str, object]) -> None:
        self.logger.debug("%s, %d values", viewer and viewer.user_name, len(session))

    def forget_cookie(self, response: Response) -> None:
        response.delete_cookie("everyhook")

    def ask_directory(self, loginname: str, passwd: str) -> Accept | Reject | None:
        if not loginname.endswith("@calendar.example"):
            return None
        return Reject(_("Log in with the name of your account on this site."))

    def single_sign_on(self, return_to: str) -> LoginMethod:
        url = self.url("sign_on", next=return_to)
        return LoginMethod(key=self.handle, title=_("With your calendar"), redirect_url=url)

    def user_tab(self, user: User) -> MenuItem:
        return MenuItem(key=self.handle, title=_("My dates"), url=self.url("of_person", user=user))

    def profile_link(self, user: User) -> Link:
        url = self.url("of_person", user=user)
        return Link(title=_("Dates"), url=url, description=_("What everybody may see."))

    def zone_field(self, user: User) -> Markup:
        field = Markup(
            '<label>{} <input class="form-control" name="everyhook_zone" value="UTC"></label>'
        )
        return field.format(_("Zone"))

    def check_zone(self, user: User, form: MultiDict[str, str]) -> None:
        if not form.get("everyhook_zone", "UTC").strip():
            raise Veto(_("Name a zone."), "everyhook_zone")

    def keep_dates(self, user: User, plugin: str, enable: bool) -> None:
        if plugin == self.handle and not enable and user.user_name == "alice":
            raise Veto(_("You have dates ahead."))

    def note_user_choice(self, user: User, plugin: str, enabled: bool) -> None:
        self.logger.info("%s %s %s", user.user_name, "uses" if enabled else "left", plugin)

    def picture(self, user: User, size: int) -> str | None:
        return self.static_url("picture.svg") if user.user_name == "alice" else None

    def leave_elsewhere(self, user: User, response: Response) -> None:
        response.delete_cookie("calendar_session")

    def question(self, form: str) -> Markup:
        field = Markup('<label>{} <input class="form-control" name="everyhook_answer"></label>')
        return field.format(_("Which day comes after Monday?"))

    def check_answer(self, form: str, fields: Mapping[str, str]) -> None:
        if fields.get("everyhook_answer", "").strip().lower() != _("tuesday"):
            raise Veto(_("Think again."), "everyhook_answer")

    def log_user(self, user: User) -> None:
        self.logger.info("the account %s has changed", user.user_name)

    def log_user_status(self, user: User, status: str) -> None:
        self.logger.info("the account %s is now %s", user.user_name, status)

    def log_address(self, user: User, email: str) -> None:
        self.logger.info("%s has another address", user.user_name)

    def refuse_address(self, values: Mapping[str, object]) -> None:
        if str(values.get("email", "")).endswith("@throwaway.example"):
            raise Veto(_("Give an address that you will still have next year."), "email")

    def keep_user(self, user: User) -> None:
        if user.user_name == "alice":
            raise Veto(_("This account has dates ahead."))
