"""Makes a release of what is committed: a wheel, the sources, what is in it (CycloneDX), what is new, and checksums.

The same commit gives the same bytes anywhere: the time in them is that of the commit (SOURCE_DATE_EPOCH). The version
comes from pyproject.toml, what is new from its section in CHANGELOG.md, which becomes the message of the tag. Nothing
is pushed or published.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

import click

ROOT = Path(__file__).parents[2]
UNRELEASED = "unreleased"
SUMS, NEWS, PARTS = "SHA256SUMS", "CHANGES.md", "sbom.cdx.json"


@click.command(help=__doc__)
@click.option("--dry-run", is_flag=True, help="Make all files, and no tag.")
def release(dry_run: bool) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    tag, folder = f"v{version}", ROOT / "var/release" / version
    heading, news = section((ROOT / "CHANGELOG.md").read_text(), version)
    if git("status", "--porcelain"):
        raise click.ClickException("There are changes that are not committed. A release is made of a commit.")
    if git("tag", "--list", tag):
        raise click.ClickException(
            f"There is a tag {tag}. Raise the version in pyproject.toml and fallback/__init__.py."
        )
    if UNRELEASED in heading and not dry_run:
        raise click.ClickException(f"CHANGELOG.md says '{heading}'. Put the date there, and commit it.")
    make(folder, news)
    if not dry_run:
        git("tag", "--annotate", "--cleanup=verbatim", "--file", str(folder / NEWS), tag)
    for path in sorted(folder.iterdir()):
        click.echo(path)
    click.echo(
        "No tag was made." if dry_run else f"Tagged {tag}. Push it, and publish the files: git push origin {tag}"
    )


def section(changelog: str, version: str) -> tuple[str, str]:
    """The heading of a version in the changelog, and what stands under it."""
    found = re.search(rf"(?ms)^## ({re.escape(version)}\b.*?)$\n(.*?)(?=^## |\Z)", changelog)
    if not found or not found[2].strip():
        raise click.ClickException(f"CHANGELOG.md says nothing about {version}.")
    return found[1], f"{found[1]}\n\n{found[2].strip()}\n"


def make(folder: Path, news: str) -> None:
    """From the files of the commit alone: what lies beside them in this checkout is not in it."""
    environ = os.environ | {"SOURCE_DATE_EPOCH": git("log", "-1", "--format=%ct")}
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / NEWS).write_text(news)
    with TemporaryDirectory() as name:
        source = Path(name)
        archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True).stdout
        subprocess.run(["tar", "--extract", "--directory", source], input=archive, check=True)
        for kind in ("wheel", "sdist"):
            run("hatchling", "build", "-t", kind, "-d", str(folder), cwd=source, environ=environ)
        pinned = ("ops/requirements/run.txt", "--pyproject", "pyproject.toml")
        bom = ("requirements", *pinned, "--output-reproducible", "-o", str(folder / PARTS))
        run("cyclonedx_py", *bom, cwd=source, environ=environ)
    files = sorted(folder.iterdir())
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (folder / SUMS).write_text("".join(sums))


def run(module: str, *words: str, cwd: Path, environ: dict[str, str]) -> None:
    done = subprocess.run([sys.executable, "-m", module, *words], cwd=cwd, env=environ, capture_output=True, text=True)
    if done.returncode:
        raise click.ClickException(f"{module} failed:\n{done.stdout}{done.stderr}")


def git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    release(prog_name="./ops/bin/release")
