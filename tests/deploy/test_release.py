"""./ops/bin/release, in a small repository that has what the package is made of."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ops.release.__main__ import release

ROOT = Path(__file__).parents[2]
FILES = (
    *("pyproject.toml", "README.md", "LICENSE", ".gitignore", "ops/policy.toml", "ops/requirements/run.txt"),
    *("fallback/__init__.py", "workers/__init__.py", "templates/mail/placed.txt", "ops/runbooks/README.md"),
)
CHANGELOG = "# Changelog\n\n## 0.1.0 (2026-11-01)\n\n- Orders are kept.\n\n## 0.0.9 (2026-10-01)\n\n- A beginning.\n"
COMMITTED = "2026-11-01T12:00:00Z"


def git(repository: Path, *words: str) -> str:
    who = {f"GIT_{part}_{what}": "a@b.example" for part in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environ = os.environ | who | {"GIT_COMMITTER_DATE": COMMITTED, "GIT_AUTHOR_DATE": COMMITTED}
    return subprocess.run(
        ["git", *words], cwd=repository, env=environ, capture_output=True, text=True, check=True
    ).stdout


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "repository"
    for name in FILES:
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, made / name)
    (made / "CHANGELOG.md").write_text(CHANGELOG)
    git(made, "init", "--quiet")
    git(made, "add", "--all")
    git(made, "commit", "--quiet", "--message", "A first version")
    git(made, "config", "user.email", "a@b.example")
    git(made, "config", "user.name", "A")
    monkeypatch.setattr("ops.release.__main__.ROOT", made)
    return made


def released(*words: str) -> Result:
    return CliRunner().invoke(release, list(words))


def refusal(*words: str) -> str:
    refused = released(*words)
    assert refused.exit_code == 1
    return refused.output


def committed(repository: Path, file: str, text: str) -> None:
    (repository / file).write_text(text)
    git(repository, "commit", "--quiet", "--all", "--message", "A change")


def files(repository: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (repository / "var/release/0.1.0").iterdir()}


@pytest.fixture
def clone(repository: Path, tmp_path: Path) -> Path:
    """Elsewhere: its files have other times and rights, and a file that nobody committed lies beside them."""
    git(tmp_path, "clone", "--quiet", str(repository), "clone")
    clone = tmp_path / "clone"
    git(clone, "config", "core.fileMode", "false")
    for file in clone.glob("fallback/*"):
        file.chmod(0o640)
        os.utime(file, (0, 0))
    (clone / "var").mkdir()
    (clone / "var/notes").write_text("not to be released")
    return clone


def test_a_release_is_files_that_anybody_makes_again_and_a_tag_that_says_what_is_new(
    repository: Path, clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr("ops.release.__main__.ROOT", clone)
        assert "No tag was made." in released("--dry-run").output
    assert git(clone, "tag") == ""

    assert released().exit_code == 0
    made = files(repository)
    assert made == files(clone)
    assert made.keys() == {
        *("fallback_checkout-0.1.0-py3-none-any.whl", "fallback_checkout-0.1.0.tar.gz"),
        *("CHANGES.md", "sbom.cdx.json", "SHA256SUMS"),
    }
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=repository / "var/release/0.1.0", check=True)
    assert made["SHA256SUMS"].count(b"\n") == 4
    listed = json.loads(made["sbom.cdx.json"])
    pinned = re.findall(r"(?m)^([\w.-]+)==([^ ;\\]+)", (repository / "ops/requirements/run.txt").read_text())
    assert {(each["name"], each["version"]) for each in listed["components"]} == set(pinned)
    assert listed["metadata"]["component"]["version"] == "0.1.0"
    assert listed["metadata"]["timestamp"].startswith(COMMITTED.removesuffix("Z"))
    said = git(repository, "tag", "--list", "--format=%(contents)", "v0.1.0")
    assert said.strip() == "0.1.0 (2026-11-01)\n\n- Orders are kept."

    assert "There is a tag v0.1.0." in refusal()


def test_only_what_is_committed_dated_and_described_is_released(repository: Path) -> None:
    (repository / "fallback/new.py").touch()
    assert "not committed" in refusal("--dry-run")
    (repository / "fallback/new.py").unlink()
    committed(repository, "CHANGELOG.md", CHANGELOG.replace("2026-11-01", "unreleased"))
    assert "Put the date there" in refusal()
    committed(repository, "CHANGELOG.md", CHANGELOG.replace("0.1.0", "0.2.0"))
    assert "says nothing about 0.1.0" in refusal()
    assert git(repository, "tag") == ""
