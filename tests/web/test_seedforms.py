"""The forms in which seed 004 lets handlers answer: made safe, turned into values (engineering 1C 18)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from portal.pluginengine.context import running_as
from portal.pluginengine.fragments import markup_fault
from portal.pluginengine.seeds import SeedFault
from portal.web import seedforms
from portal.web.assets import Asset
from portal.web.navigation import Link, PublicAreaItem, Section


@pytest.fixture(autouse=True)
def _as_probe():
    with running_as("probe"):
        yield


# -- cssfile: a complete link element ------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('<link rel="stylesheet" href="/a.css">', Asset(kind="css", url="/a.css")),
        ("<LINK REL=StyleSheet HREF=/a.css>", Asset(kind="css", url="/a.css")),
        (
            '\n<link type="text/css" rel="stylesheet" media="print" href="/a.css?x=1&amp;y=2" />\n',
            Asset(kind="css", url="/a.css?x=1&y=2", media="print"),
        ),
        (
            Markup('<link href="https://example.org/a.css" rel="stylesheet">'),
            Asset(kind="css", url="https://example.org/a.css"),
        ),
    ],
)
def test_a_link_element_becomes_an_asset(text, expected):
    assert seedforms.read_style_link(text) == (expected,)


@pytest.mark.parametrize(
    "text",
    [
        "/a.css",
        '<link rel="stylesheet" href="/a.css"><link rel="stylesheet" href="/b.css">',
        '<link rel="stylesheet" href="/a.css"> and words',
        '<link rel="icon" href="/a.css">',
        '<link rel="alternate stylesheet" href="/a.css">',
        '<link rel="stylesheet" type="text/less" href="/a.css">',
        '<link rel="stylesheet" href="/a.css" onload="x()">',
        '<link rel="stylesheet" href="/a.css" href="/b.css">',
        '<link rel="stylesheet" href="a.css">',
        '<link rel="stylesheet" href="//example.org/a.css">',
        '<link rel="stylesheet" href="javascript:x">',
        '<link rel="stylesheet" href="data:text/css,x">',
        '<link rel="stylesheet" href="java&#x09;script:x">',
        '<link rel="stylesheet">',
        '<link rel="stylesheet" href="/a.css" media="print; x">',
        '<link rel="stylesheet" href="/a.css',
        "<style>p { color: red }</style>",
        "<script src='/a.js'></script>",
    ],
)
def test_any_other_text_for_a_style_sheet_is_refused(text):
    with pytest.raises(ValueError, match=r"\w"):
        seedforms.read_style_link(text)


# -- site_admin_option_hook: a list item; project_admin_plugins: a link --------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('<li><a href="/x">Set up</a></li>', Link(title="Set up", url="/x")),
        (
            '<li class="x"><strong><a href="/x?a=1&amp;b=2" onclick="y()">Set <em>it</em>\n up</a></strong>'
            " - all &amp; <b>sundry</b></li>",
            Link(title="Set it up", url="/x?a=1&b=2", description="all & sundry"),
        ),
        ("<li>See <a href='https://example.org'>&lt;this&gt;</a></li>\n",
         Link(title="<this>", url="https://example.org", description="See")),
    ],
)  # fmt: skip
def test_a_list_item_becomes_a_link(text, expected):
    assert seedforms.read_list_item(text) == (expected,)


@pytest.mark.parametrize(
    "text",
    [
        "Set up",
        '<a href="/x">Set up</a>',
        "<li>Set up</li>",
        '<li><a href="/x">A</a><a href="/y">B</a></li>',
        '<li><a href="/x">A</a></li><li><a href="/y">B</a></li>',
        '<li><a href="/x"></a></li>',
        "<li><a>A</a></li>",
        '<li><a href="javascript:x">A</a></li>',
        '<li><a href="/x">A<img src="/y"></a></li>',
        '<li><a href="/x">A</a><script>x()</script></li>',
        '<li><a href="/x">A</a><ul><li>B</li></ul></li>',
        '<li><a href="/x">A</a>',
    ],
)
def test_any_other_text_for_site_admin_is_refused(text):
    with pytest.raises(ValueError, match=r"\w"):
        seedforms.read_list_item(text)


@pytest.mark.parametrize("text", ['<a href="/x">Set up</a>', '<p><a href="/x">Set up</a></p>'])
def test_a_link_alone_or_in_a_paragraph_becomes_a_link(text):
    assert seedforms.read_paragraph_link(text) == (Link(title="Set up", url="/x"),)


@pytest.mark.parametrize(
    "text", ['<li><a href="/x">A</a></li>', "A", "<p>A</p>", '<div><a href="/x">A</a></div>']
)
def test_any_other_text_for_the_groups_admins_is_refused(text):
    with pytest.raises(SeedFault, match="one <a href"):
        seedforms.read_paragraph_link(text)


# -- groupisactivecheckbox: a row of two cells ---------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '<tr><td>Colour</td><td><input name="probe_colour" value="a&quot;b" style="x"></td></tr>',
            '<label class="toggle-field">Colour '
            '<input name="probe_colour" value="a&#34;b" class="form-control"></label>',
        ),
        (
            '<TR valign="top"><TD><input type="checkbox" name="probe_loud" value="1" checked></TD>\n'
            "<TD><strong>Loud</strong></TD></TR>",
            '<label class="toggle-field">'
            '<input type="checkbox" name="probe_loud" value="1" checked class="form-check-input"> '
            "<strong>Loud</strong></label>",
        ),
        (
            '<tr><th><label for="probe_kind">Kind</label></th><td><select name="probe_kind"'
            ' id="probe_kind"><option value="1" selected>One</option></select></td></tr>',
            '<div class="toggle-field"><label for="probe_kind">Kind</label> '
            '<select name="probe_kind" id="probe_kind" class="form-select">'
            '<option value="1" selected>One</option></select></div>',
        ),
        (
            '<tr><td><input type="checkbox" name="use_probe" value="1"></td><td>Use Probe</td></tr>',
            '<div class="toggle-field">Use Probe</div>',
        ),
        (
            '<tr><td id="top">Note</td><td><textarea name="probe_note" id="top"> a\n &lt;b></textarea>'
            "</td></tr>",
            '<label class="toggle-field">Note '
            '<textarea name="probe_note" class="form-control"> a\n &lt;b&gt;</textarea></label>',
        ),
    ],
)
def test_a_row_is_drawn_anew_as_a_line_of_the_form(text, expected):
    assert seedforms.read_field_row(text) == (Markup(expected),)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("<tr><td>A</td></tr>", "two cells, got 1"),
        ("<tr><td>A</td><td>B</td><td>C</td></tr>", "two cells, got 3"),
        ("<tr><td>A</td><td>B</td></tr><tr><td>A</td><td>B</td></tr>", "one <tr> of two cells"),
        ("<tr>A<td>A</td><td>B</td></tr>", "one <tr> of two cells"),
        ("<tr><td>A<td>B</tr>", "is open"),
        ('<tr><td>A</td><td><input name="other_x"></td></tr>', "must be called probe_<field>"),
        ("<tr><td>A</td><td><input></td></tr>", "must be called probe_<field>"),
        ('<tr><td>A</td><td><input name="use_other"></td></tr>', "must be called probe_<field>"),
        ('<tr><td>A</td><td><input type="submit" name="probe_x"></td></tr>', "type 'submit'"),
        ('<tr><td>A</td><td><input type="file" name="probe_x"></td></tr>', "type 'file'"),
        ("<tr><td>A</td><td><button>x</button></td></tr>", "<button> cannot stand"),
        ("<tr><td>A</td><td><form></form></td></tr>", "<form> cannot stand"),
        ("<tr><td>A</td><td><script>x()</script></td></tr>", "<script> cannot stand"),
        ("<tr><td>A</td><td><img src='/x'></td></tr>", "<img> cannot stand"),
        ('<tr><td>A</td><td><a href="javascript:x">y</a></td></tr>', "javascript:x"),
        (
            '<tr><td>A</td><td><select name="probe_x"><b>x</b></select></td></tr>',
            "<b> cannot stand",
        ),
        ("<tr><td>A</td><td><textarea name='probe_x'><b>x</b></textarea></td></tr>", "<b> cannot"),
    ],
)
def test_any_other_row_is_refused_with_its_cause(text, cause):
    with pytest.raises(ValueError, match=cause):
        seedforms.read_field_row(text)


@pytest.mark.parametrize("text", ["words", "<track>", '<input name="other">', ""])
def test_text_that_is_no_row_stays_text(text):
    assert seedforms.read_field_row(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>Fields &amp; more</p>", "<p>Fields &amp; more</p>"),
        (
            '<label class="form-label big">Word <input name="probe_word" id="probe_word" form="other"'
            ' onfocus="x()" required aria-label="Word"></label>',
            '<label class="form-label">Word <input name="probe_word" id="probe_word" aria-label="Word"'
            ' class="form-control"></label>',
        ),
        (
            "<fieldset disabled><legend>Size</legend><ul><li>"
            '<input type="radio" name="probe_size" value="1"> 1</li></ul></fieldset>',
            "<fieldset><legend>Size</legend><ul><li>"
            '<input type="radio" name="probe_size" value="1" class="form-check-input"> 1</li></ul></fieldset>',
        ),
        ('<input type="checkbox" name="use_probe"> mine', " mine"),
    ],
)
def test_fields_written_freely_are_drawn_anew_too(text, expected):
    assert seedforms.read_field_row(Markup(text)) == (Markup(expected),)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ('<form action="/logout" method="post"></form>', "<form> cannot stand"),
        ('<svg><form><input name="probe_x"></form></svg>', "<svg> cannot stand"),
        ("</form>", "closes nothing"),
        ('<input name="use_other" value="1">', "must be called probe_<field>"),
        ('<input type="hidden" name="shown" value="other">', "must be called probe_<field>"),
        ('<input type="hidden" name="csrf_token" value="x">', "must be called probe_<field>"),
        ('<select name="other_x"></select>', "must be called probe_<field>"),
        ('<button formaction="/logout">x</button>', "<button> cannot stand"),
        ('<input type="image" name="probe_x" formaction="/logout">', "type 'image'"),
        ('<div><input type=" SUBMIT " name="probe_x"></div>', "type 'submit'"),
        ("<script>x()</script>", "<script> cannot stand"),
        ("<style>p {}</style>", "<style> cannot stand"),
        ('<iframe src="/x"></iframe>', "<iframe> cannot stand"),
        ('<a href="javascript:x">y</a>', "javascript:x"),
        ("<p>", "is not closed"),
    ],
)
def test_what_reaches_for_the_form_around_a_switch_is_refused(text, cause):
    with pytest.raises(ValueError, match=cause):
        seedforms.read_field_row(Markup(text))


# -- artifact_extra_detail, task_extra_detail ----------------------------------------------------


def test_a_row_of_two_cells_becomes_a_section():
    text = '<tr><td>Commits &amp; more</td><td><a href="/x">one</a><script>x()</script></td></tr>'
    html = Markup('<a href="/x" rel="noopener noreferrer">one</a>')
    expected = (Section(key="probe", title="Commits & more", html=html),)
    assert seedforms.read_detail_row(text) == seedforms.read_detail(text) == expected


def test_one_cell_that_spans_both_is_titled_after_the_plugin():
    text = '<tr><td colspan="2"><b onclick="x()">one</b></td></tr>'
    expected = (Section(key="probe", title="probe", html=Markup("<b>one</b>")),)
    assert seedforms.read_detail_row(text) == expected


def test_markup_becomes_a_section_for_tracker_items_only():
    expected = (Section(key="probe", title="probe", html=Markup("<p>one</p>")),)
    assert seedforms.read_detail('<p style="x">one') == expected
    with pytest.raises(SeedFault, match="colspan=2"):
        seedforms.read_detail_row("<p>one</p>")


def test_one_cell_that_does_not_span_both_is_refused():
    with pytest.raises(SeedFault, match="two cells, or of one with colspan=2, got 1"):
        seedforms.read_detail_row("<tr><td>one</td></tr>")


# -- all of them ---------------------------------------------------------------------------------

READERS = (
    seedforms.read_style_link,
    seedforms.read_list_item,
    seedforms.read_paragraph_link,
    seedforms.read_detail,
    seedforms.read_detail_row,
)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("text", ["", " \n"])
def test_nothing_is_nothing(reader, text):
    assert reader(text) == ()


PIECES = st.lists(
    st.sampled_from(
        ["<tr>", "</tr>", "<td>", "</td>", "<td colspan=2>", "<li>", "</li>", "<a href=/x>", "</a>"]
        + ["<a href=javascript:x>", "<input name=probe_x>", "<b onclick=x>", "</b>", "<script>"]
        + [
            "</script>",
            "<!--",
            "-->",
            "&lt;",
            "&#60;script>",
            "text",
            "<link rel=stylesheet href=/a>",
        ]
        + ["<textarea name=probe_x>", "</textarea>", "<svg>", "</svg>", "<br>", '"', "'", ">", "<"]
    ),
    max_size=14,
).map("".join)


@pytest.mark.parametrize("reader", [*READERS, seedforms.read_field_row])
@given(text=PIECES)
def test_whatever_the_text_nothing_unsafe_comes_out(reader, text):
    """A value, or a ValueError, which is the handler's fault; never an open or active element."""
    try:
        found = reader(text) or ()
    except ValueError:
        return
    for value in found:
        html = value if isinstance(value, Markup) else getattr(value, "html", Markup())
        assert markup_fault(html) == ""
        assert not re.search(r'<script|<[^>]*onclick|href="javascript', html, re.IGNORECASE)


# -- project_public_area: elements with a link and figures ---------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n", []),
        ('<a href="/x">Wiki</a>', [PublicAreaItem(title="Wiki", url="/x")]),
        (
            '<li><a href="/x">Wiki</a> - <b>4</b> pages</li>\n<div><a href="/y">Mail &amp; more</a></div>',
            [
                PublicAreaItem(title="Wiki", url="/x", summary="4 pages"),
                PublicAreaItem(title="Mail & more", url="/y"),
            ],
        ),
    ],
)
def test_each_element_with_a_link_becomes_an_entry(text, expected):
    assert list(seedforms.read_public_area(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Wiki",
        "<p>Wiki</p>",
        '<a href="/x">Wiki</a> 4 pages',
        '<p><a href="/x">Wiki</a> <a href="/y">Mail</a></p>',
        '<ul><li><a href="/x">Wiki</a></li></ul>',
        '<div><script src="/x"></script><a href="/x">Wiki</a></div>',
        '<a href="javascript:x">Wiki</a>',
        '<a href="/x"></a>',
        '<div><a href="/x">Wiki</a>',
    ],
)
def test_any_other_text_for_the_public_area_is_refused(text):
    with pytest.raises(ValueError, match=r"\w"):
        seedforms.read_public_area(text)
