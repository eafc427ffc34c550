"""The pages that the browser looks at: who opens which, and what status is right."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A page as a person sees it; nobody's name is the empty text, keys in braces are the busy site's.

    ``button`` sends the page's form as it stands; what comes then is the page that is looked at.
    """

    path: str
    user_name: str = ""
    status: int = 200
    button: str = ""

    def __str__(self) -> str:
        pressed = f", {self.button}" if self.button else ""
        return f"{self.user_name or 'anonymous'} {self.path}{pressed}"


#: The pages of declared types: of rows of groups, and of the site.
BOOKS = "/plugins/books/g/apollo/t/book/"
LIBRARIAN = (
    BOOKS,
    f"{BOOKS}?f.pages.ge=100&sort=pages&dir=desc&q=fire",
    f"{BOOKS}?q=nothing-like-it",
    "/plugins/books/g/mercury/t/book/",
    f"{BOOKS}new",
    f"{BOOKS}1/",
    f"{BOOKS}1/edit",
    f"{BOOKS}1/delete",
)
SHELVES = "/plugins/books/t/shelf/"
GROUP_ADMIN = (
    "/groups/apollo/admin/",
    "/groups/apollo/admin/members",
    "/groups/apollo/admin/history",
    "/groups/apollo/admin/members/bob/",
    "/groups/apollo/admin/roles",
    "/groups/apollo/admin/roles/new",
    "/groups/apollo/admin/roles/{member_role}/",
    "/groups/apollo/admin/roles/{visitor_role}/",
    "/groups/apollo/admin/requests/carol/",
    "/groups/apollo/admin/plugins",
    "/groups/apollo/admin/plugins/helloworld/",
    "/groups/apollo/admin/plugins/helloworld/history",
)
PUBLIC = (
    "/",
    "/groups/",
    "/groups/?q=guidance&f.member_count.ge=1&sort=member_count&dir=desc&f.no.eq=1",
    "/groups/apollo/",
    "/groups/apollo/members",
    "/users/alice/",
    "/plugins/helloworld/g/apollo/",
)
NEWCOMERS = (
    "/login",
    "/register",
    "/register/sent",
    "/register/resend",
    "/register/confirm/{confirm}",
    "/password/lost",
    "/password/reset/{reset}",
)
PERSONAL = ("/my/", "/my/settings", "/my/sessions")
SITE_ADMIN = (
    "/admin/",
    "/admin/users/",
    "/admin/users/?q=nobody-at-all&f.status.eq=A",
    "/admin/groups/",
    "/admin/groups/apollo/",
    "/admin/groups/apollo/delete",
    "/admin/groups/vostok/",
    "/admin/groups/onhold/",
    "/admin/groups/bygone/",
    "/admin/groups/pending/",
    "/admin/audit/",
    "/admin/audit/1/",
    "/admin/plugins/",
    "/admin/plugins/helloworld/",
    "/admin/plugins/helloworld/activation",
    "/admin/plugin/helloworld/config",
    "/admin/plugin/helloworld/history",
    "/admin/plugin/helloworld/history?f.setting.eq=helloworld.greeting&f.scope.eq=site",
    "/admin/plugins/helloworld/health",
    "/admin/plugins/helloworld/hooks",
    "/admin/plugins/helloworld/data",
    "/admin/plugins/helloworld/jobs",
    "/admin/plugins/helloworld/permissions",
    "/admin/plugins/helloworld/files",
    "/admin/plugins/helloworld/log",
    "/admin/plugins/helloworld/unregister",
    "/admin/plugins/incidents",
    "/admin/plugins/helloworld/uninstall",
    "/admin/plugins/helloworld/export",
    "/admin/plugins/relic/purge",
    "/admin/plugin-install",
    "/admin/plugin-install/{archive}",
    "/admin/plugin-bisect",
    "/admin/plugin-bisect?path=/groups/apollo/",
    "/admin/safe-mode",
    "/admin/hooks/",
    "/admin/hooks/?kind=check&answered=nobody&q=group",
    "/admin/hooks/groupmenu/",
    "/admin/hooks/groupmenu/order",
    "/admin/roles/",
    "/admin/roles/{site_role}/",
    "/admin/roles/new",
    "/admin/users/new",
    "/admin/users/suspended/",
    "/admin/users/deleted/",
    "/admin/users/pending/",
    "/admin/users/alice/",
    "/admin/users/admin/",
    "/admin/users/alice/delete",
    "/admin/users/alice/export",
    "/my/settings/export",
    "/admin/users/alice/permissions",
    "/admin/sessions/",
    "/admin/sessions/?f.user_name.eq=admin",
    "/admin/configuration",
    "/admin/mail/",
    "/admin/mail/{failed_mail}/",
    "/plugins/helloworld/admin/",
    "/my/settings/plugins/motto",
    "/my/settings/plugins/motto/history",
)

#: Site admins see groups that are not active, too: vostok awaits approval.
ADMINS = ("/", "/my/", "/groups/new", "/groups/apollo/", "/groups/vostok/", *SITE_ADMIN)

PAGES = (
    *(Seen(path=path) for path in (*PUBLIC, *NEWCOMERS)),
    Seen(path="/register/confirm/no-such-token", status=404),
    Seen(path="/no-such-page", status=404),
    *(Seen(path=path, user_name="bob") for path in (*PUBLIC, *PERSONAL)),
    *(Seen(path=path, user_name="carol") for path in ("/my/", "/groups/new", "/register/welcome")),
    Seen(path="/groups/gemini/", user_name="bob", status=404),
    Seen(path="/groups/apollo/admin/plugins", user_name="bob", status=403),
    Seen(path="/groups/apollo/", user_name="carol"),
    Seen(path="/groups/mercury/join", user_name="carol"),
    Seen(path="/my/confirm-password", user_name="bob"),
    Seen(path="/my/settings/delete", user_name="bob"),
    Seen(path="/my/settings/email/{address}", user_name="alice"),
    Seen(path="/groups/apollo/leave", user_name="bob"),
    Seen(path="/groups/apollo/leave", user_name="alice"),
    *(Seen(path=path, user_name="alice") for path in (*GROUP_ADMIN, *PERSONAL)),
    Seen(path="/plugins/helloworld/g/apollo/", user_name="alice"),
    *(Seen(path=path, user_name="alice") for path in LIBRARIAN),
    *(Seen(path=path) for path in (BOOKS, f"{BOOKS}1/", SHELVES)),
    Seen(path=f"{BOOKS}new", user_name="alice", status=422, button="Add"),
    Seen(path=f"{BOOKS}new", user_name="carol", status=403),
    Seen(path=f"{BOOKS}999/", user_name="alice", status=404),
    *(Seen(path=f"{SHELVES}{page}", user_name="admin") for page in ("", "new", "1/edit")),
    Seen(path="/plugins/helloworld/u/alice/", user_name="alice"),
    *(Seen(path=path, user_name="admin") for path in ADMINS),
    Seen(path="/admin/roles/?user_name=nobody-at-all", user_name="admin", status=404),
)
