"""The search for a bad plugin in a browser: begin, look, answer, until one is named."""

from collections.abc import Callable
from pathlib import Path
from time import process_time

import pytest
from flask.testing import FlaskClient

from tests.siteadmin.masked import BISECT, MaskedSite, answer, banner, seen
from tests.walks import masked

#: Tells whether a page is wrong, from its text and the processor's seconds that it took.
Judge = Callable[[str, float], bool]

PAGE = "/groups/apollo/"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> MaskedSite:
    """A site with ten plugins."""
    return MaskedSite(tmp_path_factory.mktemp("masked"), sqlite_template)


@pytest.fixture
def ada(site: MaskedSite) -> FlaskClient:
    """A new browser of a site admin."""
    return site.browser()


def begin(client: FlaskClient, path: str = PAGE, fault: str = "breaks") -> str:
    """Begin a search and return the page that is looked at first."""
    begun = client.post(BISECT, data={"path": path, "fault": fault})
    assert (begun.status_code, begun.location) == (303, path)
    return client.get(path).text


def walk(client: FlaskClient, fault: str, judge: Judge) -> tuple[str, int]:
    """Search to the end; returns the result's page, and how many answers named the last suspect."""
    began = process_time()
    page = begin(client, fault=fault)
    steps = -1  # the first look hides nothing and halves nothing
    for _turn in range(12):
        if "Everything points to this one" not in page:
            steps += 1
        word = "wrong" if judge(page, process_time() - began) else "fine"
        target = answer(client, page, word).location
        began = process_time()
        page = client.get(target).text
        if target == BISECT:
            return page, steps
    raise AssertionError("The search does not end.")


@pytest.mark.parametrize(
    ("fault", "judge", "culprit"),
    [
        ("breaks", lambda page, seconds: "Plugin incidents" in page, "Flake"),
        ("slow", lambda page, seconds: seconds > 0.1, "Sloth"),
        *(
            ("looks", lambda page, seconds, bad=bad: bad in seen(page), bad.capitalize())
            for bad in ("anna", "hans")
        ),
    ],
    ids=["breaking", "slow", "first", "last"],
)
def test_each_of_ten_is_found_in_at_most_four_steps(
    site: MaskedSite, ada: FlaskClient, fault: str, judge: Judge, culprit: str
) -> None:
    """Issue 6; nobody else's page changes by a byte meanwhile."""
    bob = site.browser("")
    before = masked(bob.get(PAGE).data)
    during: list[bytes] = []

    def look(page: str, seconds: float) -> bool:
        verdict = judge(page, seconds)
        during.append(masked(bob.get(PAGE).data))
        return verdict

    page, steps = walk(ada, fault, look)
    assert f"It is the plugin {culprit}." in page
    assert steps <= 4
    assert set(during) == {before}
    assert seen(ada.get("/").text) >= {"anna", "hans"}


def test_a_fault_that_no_plugin_makes_is_told(ada: FlaskClient) -> None:
    """It stays when all are hidden."""
    page, _steps = walk(ada, "looks", lambda page, seconds: True)
    assert "It is not a plugin." in page


def test_two_that_spoil_a_page_are_not_taken_for_one(ada: FlaskClient) -> None:
    """It goes only when both are hidden."""
    page, _steps = walk(ada, "looks", lambda page, seconds: bool(seen(page) & {"anna", "gina"}))
    assert "There is no single one." in page


def test_a_page_without_plugins_has_none_to_blame(ada: FlaskClient) -> None:
    """Site admin's page of safe mode asks no plugin."""
    page = begin(ada, "/admin/safe-mode", "looks")
    assert "plugin-bisect-question" not in page  # that page is bare; the search's own page asks
    sent = ada.post(f"{BISECT}/answer", data={"answer": "wrong", "turn": "0", "here": ""})
    assert "No plugin takes part in this page" in ada.get(sent.location).text


def test_a_fault_that_is_not_seen_is_not_looked_for(ada: FlaskClient) -> None:
    """The first look shows all of them."""
    page = begin(ada)
    assert "First look: no plugin is hidden." in page
    assert "Nothing to look for." in ada.get(answer(ada, page, "fine").location).text


def test_the_question_stands_on_every_page_and_on_the_searchs_own(ada: FlaskClient) -> None:
    """Where the page cannot be used, the answer is given there; then all that run are suspects."""
    answer(ada, begin(ada), "wrong")
    page = ada.get(PAGE).text
    assert "Step 1 of at most 4. Hidden: Anna, Bert, Carl, Dora, Emil." in page
    assert "You are looking for a bad plugin." in banner(page)
    elsewhere = ada.get("/my/").text
    assert f'<a href="{PAGE}">{PAGE}</a>' in elsewhere
    own = ada.get(BISECT).text
    assert "Step 1 of at most 4." in own
    assert own.count('name="answer"') == 2
    assert seen(own) == set()
    answer(ada, own, "fine")
    assert "Step 2 of at most 4. Hidden: Anna, Bert." in ada.get(PAGE).text


def test_an_answer_to_an_earlier_question_is_not_taken(ada: FlaskClient) -> None:
    """A page that stood open, or a button pressed twice."""
    first = begin(ada)
    answer(ada, first, "wrong")
    assert answer(ada, first, "fine").location == PAGE
    page = ada.get(PAGE).text
    assert "That answer belonged to another question." in page
    assert "Step 1 of at most 4." in page
    assert ada.post(f"{BISECT}/answer", data={"answer": "maybe", "turn": "1"}).location == PAGE


def test_a_search_can_be_given_up_at_any_time(ada: FlaskClient) -> None:
    """Then this browser sees everything, and no search is going on."""
    answer(ada, begin(ada), "wrong")
    assert ada.post(f"{BISECT}/end").location == BISECT
    page = ada.get(PAGE).text
    assert banner(page) == ""
    assert "anna" in seen(page)
    ada.post(f"{BISECT}/answer", data={"answer": "wrong", "turn": "1"})
    assert "No search is going on." in ada.get(BISECT).text


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("", "This field is required."),
        ("https://elsewhere.example/", "not an address of this site"),
        ("//elsewhere.example/", "not an address of this site"),
        ("/no-such-page", "no page at this address"),
        ("/logout", "no page at this address"),
        ("/" + "x" * 600, "cannot be longer"),
    ],
)
def test_only_a_page_of_this_site_can_be_searched(ada: FlaskClient, path: str, text: str) -> None:
    """The error stands at its field."""
    page = ada.post(BISECT, data={"path": path, "fault": "looks"})
    assert page.status_code == 422
    assert text in page.text


def test_an_address_may_be_pasted_whole(ada: FlaskClient) -> None:
    """As the browser shows it, with a missing slash mended."""
    sent = {"path": "http://localhost/groups/apollo?q=1#top", "fault": "looks"}
    assert 'value="/groups/"' in ada.get(f"{BISECT}?path=/groups/").text
    assert ada.post(BISECT, data=sent).location == "/groups/apollo/?q=1"


def test_nobody_but_site_admins_searches(site: MaskedSite) -> None:
    """The search's pages are site admin's."""
    alice = site.browser("alice")
    assert alice.get(BISECT).status_code == 403
    for path in (BISECT, f"{BISECT}/answer", f"{BISECT}/end"):
        assert alice.post(path).status_code == 403
