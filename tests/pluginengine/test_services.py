"""Services (E-19, 2.3.5): called for each generation, bounded as blueprints are, and at their plugin's cost."""

import re

import pytest

from portal.pluginengine.services import EXTENSION

FUNCTION = """
    from flask import Blueprint, current_app

    pages = Blueprint("extra", __name__, url_prefix="/extra")


    @pages.get("/")
    def index():
        return "extra " + current_app.extensions["portal.service.probe"]["word"]


    def Extra(app, plugin):
        app.extensions["word"] = plugin.code + " " + app.config["SESSION_COOKIE_NAME"]
        app.register_blueprint(pages)
"""
CLASS = """
    from flask import Blueprint


    class More:
        def register(self, app, plugin):
            pages = Blueprint("more", __name__)
            pages.add_url_rule("/page", "page", lambda: "more")
            app.register_blueprint(pages, url_prefix="/plugins/probe/more")
"""
VIEWS = """
    from flask import Blueprint

    bp = Blueprint("probe", __name__)


    @bp.get("/")
    def index():
        return "own"
"""


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Services read no tables."""
    return sqlite_url


def make(make_plugin, services, code="", views=VIEWS, **files):
    config = {"service": services, "scope": ["site"]}
    make_plugin("probe", config=config, files={"services.py": code, "views.py": views, **files})


def test_functions_and_classes_bring_pages_beside_those_of_views(site, make_plugin):
    make(make_plugin, ["Extra", "other:More"], FUNCTION, **{"other.py": CLASS})
    site.enable("probe")
    client = site.client()
    assert client.get("/plugins/probe/").text == "own"
    assert client.get("/plugins/probe/extra/").text == "extra probe portal_session"
    assert client.get("/plugins/probe/more/page").text == "more"
    assert "probe.extra.index" in site.app.view_functions


def test_they_are_called_anew_for_each_generation(site, make_plugin):
    make(make_plugin, ["Extra"], FUNCTION)
    site.enable("probe")
    first = site.app
    site.refresh()
    assert site.app.extensions[EXTENSION + "probe"] is not first.extensions[EXTENSION + "probe"]
    assert site.client().get("/plugins/probe/extra/").status_code == 200
    site.operate("disable", "probe")
    assert site.client().get("/plugins/probe/extra/").status_code == 404
    assert EXTENSION + "probe" not in site.app.extensions


HARMFUL = {
    "raises": ("raise ValueError('no luck')", "ValueError: no luck"),
    "leaves": ("raise SystemExit(3)", "SystemExit: 3"),
    "hangs something on the site": (
        "app.before_request(print)",
        r"app\.before_request belongs to the whole site",
    ),
    "sets the configuration": ("app.config['DEBUG'] = True", "does not support item assignment"),
    "brings a blueprint that hangs something on the site": (
        "bp = Blueprint('x', __name__)\n    bp.before_app_request(print)\n"
        "    app.register_blueprint(bp)",
        "hangs something on the whole site",
    ),
    "brings addresses of others": (
        "bp = Blueprint('x', __name__)\n    bp.add_url_rule('/x', 'x', print)\n"
        "    app.register_blueprint(bp, url_prefix='/static')",
        "is the host's",
    ),
    "brings one name twice": (
        "for _ in 'ab':\n        app.register_blueprint(Blueprint('x', __name__))",
        "cannot be mounted",
    ),
}


@pytest.mark.parametrize(("line", "cause"), HARMFUL.values(), ids=HARMFUL)
def test_one_that_does_harm_costs_its_plugin_only(site, make_plugin, line, cause):
    make_plugin("good")
    make(
        make_plugin,
        ["run"],
        f"from flask import Blueprint\n\n\ndef run(app, plugin):\n    {line}\n",
    )
    site.force("probe", "good")
    problem = site.engine.problems["probe"]
    assert problem.kind == "broken"
    assert re.search(cause, problem.cause), problem.cause
    assert "good" in site.engine.plugins
    assert site.client().get("/").status_code == 200
    assert site.client().get("/plugins/probe/").status_code == 404


@pytest.mark.parametrize(
    ("services", "code"),
    [(["Absent"], FUNCTION), (["word"], "word = 'x'"), (["nowhere:Extra"], "")],
)
def test_a_name_that_is_no_service_is_told(site, make_plugin, services, code):
    make(make_plugin, services, code)
    site.force("probe")
    assert "has no service" in site.engine.problems["probe"].cause
