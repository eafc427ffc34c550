"""The list of what failed in plugins: by plugin and hook, with request id, traceback and count."""

import pytest
from flask.testing import FlaskClient

from portal.core.unit_of_work import unit_of_work
from portal.pluginengine.engine import current_engine
from tests.factories import make_user, sign_in
from tests.sampleplugins import PluginSite

PAGE = "/admin/plugins/incidents"
FAILING = {"message": 'raise RuntimeError("<no> luck")', "headermenu": "return 7"}


@pytest.fixture
def clients(site: PluginSite) -> dict[str, FlaskClient]:
    """Browsers of a site admin, a person and a visitor, on a site with a plugin that fails twice."""
    site.write("sample", FAILING)
    site.write("quiet", {"message": "return None"})
    app = site.run("sample", "quiet")
    with app.app_context(), unit_of_work():
        admin, alice = make_user("admin", is_site_admin=True), make_user("alice")
        return {
            "admin": sign_in(app.test_client(), admin),
            "alice": sign_in(app.test_client(), alice),
            "": app.test_client(),
        }


def test_without_failures_the_list_says_so(clients: dict[str, FlaskClient]) -> None:
    """Empty states say what comes; this very page is only drawn after it was asked for."""
    with clients["admin"].application.app_context():
        health = current_engine().health
        health.keep_only(())
    page = clients["admin"].get(PAGE).text
    assert "Nothing went wrong" in page
    assert "<select" not in page


def test_each_failure_stands_there_with_all_that_is_known(clients: dict[str, FlaskClient]) -> None:
    """Issue 3: by plugin and hook, with request id; the traceback folded away."""
    for _time in range(3):
        clients[""].get("/", headers={"X-Request-Id": "the-very-request"})
    page = clients["admin"].get(PAGE).text
    assert page.count('<li class="row-item row-wraps" id="incident-') == 2
    for text in (
        'href="/admin/plugins/sample/"',
        '<span class="mono">message</span>',
        "RuntimeError: &lt;no&gt; luck",
        "3 times",
        "<code>the-very-request</code>",
        "headermenu expects MenuItem or a list of them, got int",
    ):
        assert text in page
    details = page[page.index('<details class="row-more"') :]
    assert "Traceback (most recent call last)" in details
    assert "on_message" in details


def test_one_plugins_failures_can_be_looked_at_alone(clients: dict[str, FlaskClient]) -> None:
    """Filter by plugin; one without failures has the empty state."""
    clients[""].get("/")
    one = clients["admin"].get(PAGE, query_string={"plugin": "sample"}).text
    assert "luck" in one
    assert '<option value="sample" selected>' in one
    other = clients["admin"].get(PAGE, query_string={"plugin": "quiet"}).text
    assert "Nothing went wrong" in other
    assert "luck" not in other.partition("<main")[2].partition("split-main")[2]


def test_the_plugin_list_and_the_plugins_page_lead_there(clients: dict[str, FlaskClient]) -> None:
    """Whoever looks for the cause finds it."""
    clients[""].get("/")
    assert f'href="{PAGE}"' in clients["admin"].get("/admin/plugins/").text
    log = clients["admin"].get("/admin/plugins/sample/log").text
    assert f'href="{PAGE}?plugin=sample"' in log


@pytest.mark.parametrize(("viewer", "status"), [("", 302), ("alice", 403)])
def test_nobody_else_sees_the_list(
    clients: dict[str, FlaskClient], viewer: str, status: int
) -> None:
    """Issue 3: shown to site admins."""
    assert clients[viewer].get(PAGE).status_code == status
