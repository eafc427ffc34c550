"""Fixtures for every suite of the repository: the host's in tests/ and the bundled plugins' own."""

pytest_plugins = [
    "tests.fixtures.run_directory",
    "tests.fixtures.databases",
    "tests.fixtures.apps",
    "tests.fixtures.plugins",
    "tests.fixtures.mail",
]
