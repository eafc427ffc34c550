"""Mounting blueprints: a plugin has its own address space and no hold on the rest (design 9)."""

import pytest
from flask import Blueprint

from portal.pluginengine.errors import LoadError
from portal.pluginengine.mounting import judge_blueprints, own_pages


@pytest.fixture
def bp() -> Blueprint:
    return Blueprint("probe", __name__)


def view(**values: object) -> str:
    return ""


SITE_WIDE = {
    "before_app_request": lambda bp: bp.before_app_request(view),
    "after_app_request": lambda bp: bp.after_app_request(lambda response: response),
    "teardown_app_request": lambda bp: bp.teardown_app_request(view),
    "app_context_processor": lambda bp: bp.app_context_processor(dict),
    "app_url_value_preprocessor": lambda bp: bp.app_url_value_preprocessor(view),
    "app_url_defaults": lambda bp: bp.app_url_defaults(view),
    "app_errorhandler for a status": lambda bp: bp.app_errorhandler(404)(view),
    "app_errorhandler for an exception": lambda bp: bp.app_errorhandler(ValueError)(view),
    "app_template_filter": lambda bp: bp.app_template_filter("loud")(str.upper),
    "app_template_test": lambda bp: bp.app_template_test("loud")(str.isupper),
    "app_template_global": lambda bp: bp.app_template_global("loud")(view),
    "a replaced filter": lambda bp: bp.app_template_filter("upper")(str.lower),
    "record and teardown_appcontext": lambda bp: bp.record(
        lambda state: state.app.teardown_appcontext(view)
    ),
    "record and an extension": lambda bp: bp.record(
        lambda state: state.app.extensions.update(mine=1)
    ),
    "record and configuration": lambda bp: bp.record(
        lambda state: state.app.config.update(SECRET_KEY="mine")
    ),
}


@pytest.mark.parametrize("hang", SITE_WIDE.values(), ids=SITE_WIDE)
def test_what_hangs_on_the_whole_site_is_refused(bp, hang):
    hang(bp)
    with pytest.raises(LoadError, match="hangs something on the whole site"):
        judge_blueprints("probe", own_pages("probe", bp))


OWN = {
    "before_request": lambda bp: bp.before_request(view),
    "after_request": lambda bp: bp.after_request(lambda response: response),
    "errorhandler": lambda bp: bp.errorhandler(404)(view),
    "context_processor": lambda bp: bp.context_processor(dict),
    "url_value_preprocessor": lambda bp: bp.url_value_preprocessor(view),
}


@pytest.mark.parametrize("hang", OWN.values(), ids=OWN)
def test_what_hangs_on_the_blueprint_itself_is_fine(bp, hang):
    hang(bp)
    judge_blueprints("probe", own_pages("probe", bp))


@pytest.mark.parametrize(
    "rule",
    [
        "/",
        "/list",
        "/g/<group>/",
        "/g/<group>/<int:number>/edit",
        "/u/<user>/",
        "/<name>",
        "/archive/g/<group>/",
        "/<path:rest>",
    ],
)
def test_addresses_of_its_own_are_fine(bp, rule):
    bp.add_url_rule(rule, "page", view)
    judge_blueprints("probe", own_pages("probe", bp))


@pytest.mark.parametrize(
    ("rule", "cause"),
    [
        ("/static/<path:name>", "is the host's"),
        ("/docs/", "is the host's"),
        ("/cgi-bin/x", "is the host's"),
        ("/t/thing/", "is the host's"),
        ("/g/", "must go on with <group> after g/"),
        ("/g/all", "must go on with <group> after g/"),
        ("/g/<name>/", "must go on with <group> after g/"),
        ("/u/<group>/", "must go on with <user> after u/"),
        ("/<group>/", "must write <group> as g/<group>"),
        ("/for/<user>/", "must write <user> as u/<user>"),
        ("/g/<group>/<user>/", "must write <user> as u/<user>"),
        ("/g/<path:group>/", "must go on with <group> after g/"),
        ("/for/<int:group>/", "must write <group> as g/<group>"),
    ],
)
def test_addresses_of_the_host_are_refused_with_the_right_way(bp, rule, cause):
    bp.add_url_rule(rule, "page", view)
    with pytest.raises(LoadError) as refusal:
        judge_blueprints("probe", own_pages("probe", bp))
    assert cause in refusal.value.cause


@pytest.mark.parametrize("rule", ["/t/thing/", "/t/thing/<int:key>/edit", "/g/<group>/t/thing/new"])
def test_pages_of_its_own_types_can_be_replaced(bp, rule):
    bp.add_url_rule(rule, "page", view)
    judge_blueprints("probe", own_pages("probe", bp), types={"thing"})


@pytest.mark.parametrize(
    "rule",
    ["/t/", "/t/thing", "/t/other/", "/t/<name>/", "/g/<group>/t/other/", "/g/<group>/t/<x>/"],
)
def test_nothing_else_below_t_can_be_taken(bp, rule):
    bp.add_url_rule(rule, "page", view)
    with pytest.raises(LoadError) as refusal:
        judge_blueprints("probe", own_pages("probe", bp), types={"thing"})
    assert "replaces pages of its own types, t/thing/." in refusal.value.cause


def test_a_rule_outside_its_space_is_refused(bp):
    bp.record(lambda state: state.app.add_url_rule("/admin/", "mine", view))
    with pytest.raises(LoadError, match="The address /admin/ lies outside /plugins/probe/"):
        judge_blueprints("probe", own_pages("probe", bp))


def test_a_static_folder_is_refused_since_the_host_serves_it():
    bp = Blueprint("probe", __name__, static_folder="static")
    with pytest.raises(LoadError, match="is the host's"):
        judge_blueprints("probe", own_pages("probe", bp))


def test_a_nested_blueprint_is_judged_with_it(bp):
    child = Blueprint("child", __name__)
    child.add_url_rule("/static/x", "page", view)
    bp.register_blueprint(child)
    with pytest.raises(LoadError, match="is the host's"):
        judge_blueprints("probe", own_pages("probe", bp))


@pytest.mark.parametrize(
    "broken", ["raise RuntimeError", "raise SystemExit(3)", "raise KeyboardInterrupt"]
)
def test_whatever_a_blueprint_does_while_it_is_mounted_costs_its_plugin_only(
    site, make_plugin, broken
):
    views = f"""
        from flask import Blueprint
        bp = Blueprint("probe", __name__)

        def spoil(state):
            {broken}

        bp.record(spoil)
    """
    make_plugin("probe", files={"views.py": views})
    make_plugin("fine", events={"groupmenu": ["tab"]}, methods="def tab(self): return None")
    site.force("probe", "fine")
    assert set(site.engine.plugins) == {"fine"}
    assert "cannot be mounted" in site.engine.problems["probe"].cause
    assert site.client().get("/groups/").status_code == 200


@pytest.mark.parametrize("name", ["bootstrap", "probes"])
def test_a_plugin_named_like_a_part_of_the_portal_costs_itself_only(site, make_plugin, name):
    """The gate tells a plugin's page by the first word of its endpoint."""
    assert name in site.app.blueprints
    make_plugin(name)
    site.force(name)
    assert "name of a part of the portal" in site.engine.problems[name].cause
    assert site.client().get("/groups/").status_code == 200
