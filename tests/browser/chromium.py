"""How chromium is started here, and how a window gets a person's session without the log-in page."""

from tests.browser.visitors import Visitor

# No sandbox: the suite may run as root. The others keep it from calling home.
CHROMIUM_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def session_cookie(url: str, user_name: str) -> dict[str, str]:
    """Log a person in, outside of the browser, and return the cookie of that session."""
    cookies = {cookie.name: str(cookie.value) for cookie in Visitor(url, user_name).cookies}
    return {"name": "portal_session", "value": cookies["portal_session"], "url": url}
