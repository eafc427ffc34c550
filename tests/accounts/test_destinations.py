"""Return-to addresses: only same-site paths (forge 4.0)."""

import pytest

from portal.accounts.destinations import destination


@pytest.mark.parametrize(
    "target", ["/", "/my/", "/groups/apollo/?tab=a b", "/search/?q=https://x.org", "/ü"]
)
def test_a_path_of_this_site_is_followed(target: str) -> None:
    """The page that asked for the log-in comes next."""
    assert destination(target, "/my/") == target


@pytest.mark.parametrize(
    "target",
    [
        "",
        "my/",
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example/",
        "\\\\evil.example/",
        "/\t/evil.example/",
        "\t//evil.example/",
        "/\n/evil.example/",
        " //evil.example/",
        "javascript:alert(1)",
        "https:/evil.example",
        "/" + "x" * 3000,
    ],
)
def test_anything_that_a_browser_may_take_for_another_site_is_not(target: str) -> None:
    """Browsers drop tabs and newlines and read backslashes as slashes."""
    assert destination(target, "/my/") == "/my/"
