"""`python -m fallback`: the `fallback` command where the package is not installed, as on a platform with a Procfile."""

from fallback.cli.main import main

main(prog_name="fallback")
