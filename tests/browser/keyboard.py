"""The keyboard alone: going forward with Tab, typing, Enter and Space."""

import pytest
from playwright.sync_api import Page

MOST_KEYS = 80


def focused(page: Page) -> str:
    """Return what has the focus, as markup; "" when nothing has."""
    text: str = page.evaluate(
        "document.activeElement === document.body ? '' : document.activeElement.outerHTML"
    )
    return text


def press_until(page: Page, part: str) -> None:
    """Go forward with Tab until the element in focus has that in its markup."""
    for _ in range(MOST_KEYS):
        page.keyboard.press("Tab")
        if part in focused(page):
            return
    pytest.fail(f"the keyboard never reaches {part}")


def type_into(page: Page, name: str, text: str) -> None:
    """Go forward to the field of that name, and write over what it holds."""
    press_until(page, f'name="{name}"')
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def press(page: Page, part: str, key: str = "Enter") -> None:
    """Go forward to an element and press a key on it."""
    press_until(page, part)
    page.keyboard.press(key)
