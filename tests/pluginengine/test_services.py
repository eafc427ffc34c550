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
    "names a filter as templates cannot": (
        "app.add_template_filter(str.upper, 'so-loud')",
        "so-loud cannot name a filter",
    ),
    "brings a test for all templates": (
        "app.add_template_test(print)",
        r"app\.add_template_test belongs to the whole site",
    ),
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


EXTENSION_OF_FLASK = """
    from flask import Blueprint, render_template_string
    from jinja2 import pass_context
    from markupsafe import Markup

    from portal.pluginapi import current


    class Greeter:
        # An extension as many are: set up by init_app, with defaults in the configuration.
        def __init__(self, app=None):
            if app is not None:
                self.init_app(app)

        def init_app(self, app):
            app.config.setdefault("GREETER_WORD", "Hello")
            app.config.setdefault("SESSION_COOKIE_NAME", "mine")
            app.config["SECRET_KEY"] = "mine"
            self.word = app.config["GREETER_WORD"]
            app.extensions["greeter"] = self
            pages = Blueprint("greeter", __name__, url_prefix="/greet")
            pages.add_url_rule("/<name>", "greet", self.greet)
            app.register_blueprint(pages)
            app.add_template_filter(self.greeting, "greeting")
            app.add_template_filter(who)

            @app.template_filter("loud")
            def shout(text):
                return text.upper()

            @app.template_filter
            @pass_context
            def page(context, text):
                return text + " on " + context["name"]

        def greeting(self, name):
            return Markup("<b>{} {}</b>").format(self.word, name)

        def greet(self, name):
            return render_template_string(
                "{{ name|probe.greeting }} {{ 'x'|probe.loud }} {{ 'x'|probe.page }} {{ 1|probe.who }}",
                name=name,
            )


    def who(number):
        return current.plugin.handle if current.plugin else "nobody"


    def extend(app, plugin):
        greeter = Greeter()
        greeter.init_app(app)
        assert app.config["SESSION_COOKIE_NAME"] == "portal_session"
        assert app.config["SECRET_KEY"] == "mine"
        assert not hasattr(app, "teardown_appcontext")
"""


def test_an_extension_of_flask_is_set_up_for_its_plugin_alone(site, make_plugin):
    """Blueprint, extensions, filters and defaults, in the manner of Flask's extensions."""
    make(make_plugin, ["extend"], EXTENSION_OF_FLASK)
    site.enable("probe")
    page = site.client().get("/plugins/probe/greet/Ada").text
    assert page == "<b>Hello Ada</b> X x on Ada probe"
    assert site.app.config["SECRET_KEY"] != "mine"
    assert "GREETER_WORD" not in site.app.config
    assert "greeter" in site.app.extensions[EXTENSION + "probe"]
    assert "greeting" not in site.app.jinja_env.filters
    site.operate("disable", "probe")
    assert "probe.greeting" not in site.app.jinja_env.filters


FILTERED = """
    from portal.pluginapi import Plugin, db
    from sqlalchemy import text


    class Probe(Plugin):
        def above(self):
            return self.render("above.html")


    def broken(value):
        {line}


    def extend(app, plugin):
        app.add_template_filter(broken)
"""


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("raise ValueError('no luck')", "ValueError: no luck"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("db.session.commit()", "HandlerMisuse"),
    ],
)
def test_a_filter_that_fails_costs_what_its_template_costs(site, make_plugin, line, error):
    make_plugin(
        "probe",
        config={"service": ["plugin:extend"], "scope": ["site"]},
        events={"message": ["above"]},
        files={
            "plugin.py": FILTERED.format(line=line),
            "templates/probe/above.html": "<p>{{ 'x'|probe.broken }}</p>",
        },
    )
    site.enable("probe")
    assert site.client().get("/").status_code == 200
    (incident,) = site.runtime.health.incidents()
    assert (incident.plugin, incident.handler) == ("probe", "above")
    assert error in incident.error


def test_a_filter_is_not_worked_out_while_a_template_is_compiled(site, make_plugin):
    """Jinja folds constants, and the cache of compiled templates would keep the outcome."""
    code = """
        calls = []

        def count(value):
            calls.append(value)
            return len(calls)


        def extend(app, plugin):
            app.add_template_filter(count)
    """
    make(make_plugin, ["extend"], code)
    site.enable("probe")
    template = site.app.jinja_env.from_string("{{ 'x'|probe.count }}")
    with site.app.app_context():
        assert [template.render(), template.render()] == ["1", "2"]
