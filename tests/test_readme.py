"""The README's tables say what the code does."""

import re
from pathlib import Path

from portal.config import Settings

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


def settings_table(var: Path) -> list[str]:
    """Return the README's settings table as the code would write it."""
    rows = Settings.load({"PORTAL_VAR": str(var)}).describe()
    return [f"| `{row.name}` | {shown(row.value, var)} | {row.help} |" for row in rows]


def shown(value: str, var: Path) -> str:
    """Return a default as people read it: relative to the clone, nothing for what is made up."""
    text = value.replace(str(var), "var").replace(f"{ROOT}/", "")
    return f"`{text}`" if text and text != "***" else ""


def test_the_settings_table_is_the_one_of_the_code(tmp_path: Path) -> None:
    written = README.split("<!-- settings:")[1].split("<!-- end of settings -->")[0].splitlines()
    assert [line for line in written if line.startswith("| `")] == settings_table(tmp_path)


def test_every_make_target_that_the_readme_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", README)) <= targets
