"""The house rules that a program can check: layers, circles, sizes, names, docstrings, API edge."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONGEST_FILE = 400
JUNK_DRAWERS = {"utils", "util", "helpers", "common", "misc"}
OUTSIDE_THE_PACKAGE = {"wsgi", "tests", "plugins", "migrations", "bench"}


def sources(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    """Yield name and syntax tree of every Python file below the folders."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text())


def imported_names(tree: ast.AST) -> Iterator[str]:
    """Yield what the code imports absolutely, as ``module`` and as ``module.name``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def has_local_import(tree: ast.AST) -> bool:
    """Return whether an import stands inside a function."""
    functions = (
        each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return any(
        isinstance(node, ast.Import | ast.ImportFrom)
        for function in functions
        for node in ast.walk(function)
    )


def test_imports_run_down_and_siblings_have_no_circles() -> None:
    """Design 3: the contracts of setup.cfg hold. A process of its own: it reconfigures logging."""
    code = "import sys, importlinter.cli as cli; sys.exit(cli.lint_imports(no_cache=True))"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    """Style, Shape: aim at 100 lines, think at 250, never 400."""
    files = [path for folder in ("portal", "plugins") for path in (ROOT / folder).rglob("*.py")]
    assert files
    assert [each for each in files if len(each.read_text().splitlines()) > LONGEST_FILE] == []


def test_every_module_says_what_it_is_for() -> None:
    """Style, Words: every module opens with one or two sentences."""
    folders = ("portal", "plugins", "tests", "migrations", "bench")
    assert [name for name, tree in sources(*folders) if not ast.get_docstring(tree)] == []


def test_no_import_hides_in_a_function() -> None:
    """Design 3: a function-local import is the scar of a circle; we have none."""
    assert [name for name, tree in sources("portal", "plugins") if has_local_import(tree)] == []


def test_nothing_is_named_after_a_junk_drawer() -> None:
    """Design 3, Rooms: no utils, helpers, common, misc."""
    names = [Path(name) for name, _ in sources("portal", "plugins", "tests")]
    assert [path for path in names if JUNK_DRAWERS & {path.stem, *path.parts}] == []


def test_the_host_imports_nothing_that_stands_beside_the_package() -> None:
    """Design 3: wsgi.py is the top layer and cannot stand in a contract (engineering A13)."""
    reaching = [
        (name, module)
        for name, tree in sources("portal")
        for module in imported_names(tree)
        if module.split(".")[0] in OUTSIDE_THE_PACKAGE
    ]
    assert reaching == []


def test_no_host_module_imports_the_plugin_api() -> None:
    """Design 3: pluginapi is the plugins' face; only the authors' test kit may look at it."""
    reaching = [
        name
        for name, tree in sources("portal")
        for module in imported_names(tree)
        if module.startswith("portal.pluginapi") and not name.startswith("portal/testing/")
    ]
    assert reaching == []


def test_plugins_import_only_the_plugin_api_from_the_host() -> None:
    """Design 4, One public face: what is not in portal.pluginapi is not API."""
    reaching = [
        (name, module)
        for name, tree in sources("plugins")
        if "tests" not in Path(name).parts
        for module in imported_names(tree)
        if module.split(".")[0] in {"portal", "wsgi", "tests"}
        and not module.startswith("portal.pluginapi")
    ]
    assert reaching == []
