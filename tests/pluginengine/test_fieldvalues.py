"""Which of a plugin's own fields were touched, read from the markup that drew them."""

import pytest

from portal.pluginengine.fieldvalues import changed_fields, initial_values


@pytest.mark.parametrize(
    ("markup", "values"),
    [
        ('<input name="a_x" value="1 &amp; 2">', {"a_x": ["1 & 2"]}),
        ('<input name="a_x">', {"a_x": [""]}),
        ('<input type="checkbox" name="a_x" value="1">', {}),
        ('<input type="checkbox" name="a_x" checked>', {"a_x": ["on"]}),
        (
            '<input type="radio" name="a_x" value="1"><input type="radio" name="a_x" value="2" checked>',
            {"a_x": ["2"]},
        ),
        ("<textarea name=a_x>\none\ntwo</textarea>", {"a_x": ["one\ntwo"]}),
        ("<select name=a_x><option>One<option value=2>Two</select>", {"a_x": ["One"]}),
        ("<select name=a_x><option>1</option><option selected>2</option></select>", {"a_x": ["2"]}),
        ("<select name=a_x multiple><option>1</option></select>", {}),
        ('<input name="a_x" disabled value="1"><button name="a_y">Go</button>', {}),
        ('<input type="submit" name="a_x" value="Go"><input type="file" name="a_y">', {}),
        ("<p>no field at all</p>", {}),
    ],
)
def test_a_field_has_the_value_that_a_browser_would_send(
    markup: str, values: dict[str, list[str]]
) -> None:
    """HTML's rules of form submission, as far as fields beside a switch need them."""
    assert initial_values(markup) == values


def test_what_is_sent_as_it_was_drawn_is_no_change() -> None:
    """Spec/hooks.md: the post hook fires only for a plugin whose toggle or fields changed."""
    markup = '<input name="a_x" value="1"><textarea name="a_y">one\ntwo</textarea>'
    assert not changed_fields(markup, [("a_y", "one\r\ntwo"), ("a_x", "1")])


@pytest.mark.parametrize("posted", [[], [("a_x", "2")], [("a_x", "1"), ("a_x", "1")]])
def test_another_value_a_missing_field_and_a_repeated_one_are_changes(
    posted: list[tuple[str, str]],
) -> None:
    """A box that was ticked and is not sent has been unticked."""
    assert changed_fields('<input type="checkbox" name="a_x" value="1" checked>', posted)
