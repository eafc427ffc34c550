"""`python -m portal.cli`: the command `portal` for programs that cannot rely on PATH."""

from portal.cli.root import main

main(prog_name="portal")
