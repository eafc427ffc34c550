"""A plugin that is off is as good as absent: the same pages, byte for byte (engineering 1C, 14)."""

from bench.made_plugins import make_plugins
from portal.accounts.loading import find_user
from portal.accounts.models import User
from portal.groups.queries import named_group
from tests.fixtures.databases import postgresql_slowly
from tests.fixtures.plugins import PluginSite
from tests.walks import core_pages, make_people, masked

MADE = 5
COOKIE = "portal_session"

# These tell of plugins that are off, on purpose.
LISTS_PLUGINS = frozenset(
    {
        "/admin/",  # counts the generations
        "/admin/plugins/",
        "/admin/plugins/helloworld/",
        *(
            f"/admin/plugins/helloworld/{page}"
            for page in (
                "activation",
                "data",
                "files",
                "health",
                "hooks",
                "jobs",
                "log",
                "permissions",
                "purge",
                "uninstall",
                "unregister",
            )
        ),
        "/admin/plugin/helloworld/history",
        "/admin/hooks/",  # these two tell how often each was called
        "/admin/hooks/groupmenu/",
        "/admin/hooks/groupmenu/order",
        "/groups/apollo/admin/history",  # these three tell that plugins were switched
        "/admin/audit/",
        "/admin/audit/1/",
    }
)


@postgresql_slowly
def test_disabled_plugins_leave_every_page_as_it_is_without_them(site: PluginSite) -> None:
    """Nothing of helloworld and five more, installed, switched on for groups, and off on the site."""
    people = sign_in_once(site, make_people(site.app))
    pages = [path for path in core_pages(site.app) if path not in LISTS_PLUGINS]
    before = walk(site, people, pages)
    (place,) = site.settings.plugin_path
    handles = ["helloworld", *make_plugins(place, MADE)]
    site.enable(*handles)
    with site.arrange():
        choose(handles)
    while_on = walk(site, people, pages)
    for handle in handles:
        site.operate("disable", handle)
    after = walk(site, people, pages)

    assert differences(before, after) == []
    assert ("alice", "/groups/apollo/") in differences(before, while_on)
    assert core_pages(site.app) == sorted({*pages, *LISTS_PLUGINS})


Pages = dict[tuple[str, str], tuple[int, bytes]]


def sign_in_once(site: PluginSite, people: dict[str, User | None]) -> dict[str, str]:
    """Return everybody's cookie; each walk goes on with it, because a log-in shows on some pages."""
    cookies = {}
    for name, user in people.items():
        found = site.client(user).get_cookie(COOKIE) if user is not None else None
        cookies[name] = found.value if found is not None else ""
    return cookies


def walk(site: PluginSite, people: dict[str, str], paths: list[str]) -> Pages:
    """Return status and masked bytes of each page as each person sees it."""
    seen: Pages = {}
    for name, cookie in people.items():
        client = site.client()
        if cookie:
            client.set_cookie(COOKIE, cookie)
        for path in paths:
            answer = client.get(path)
            seen[name, path] = (answer.status_code, masked(answer.data))
    return seen


def differences(one: Pages, other: Pages) -> list[tuple[str, str]]:
    """Return who sees which page differently."""
    assert one.keys() == other.keys()
    return [key for key in one if one[key] != other[key]]


def choose(handles: list[str]) -> None:
    """Let apollo and alice use the plugins, in the running unit of work."""
    owners = [named_group("apollo"), find_user("alice")]
    for owner in owners:
        assert owner is not None
        for handle in handles:
            owner.set_plugin_usage(handle, True)
