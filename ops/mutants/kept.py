"""What the command and the pytest process write down for each other, in the copy."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import msgspec

PLAN, REACH, TRIED = Path("plan.json"), Path("reach.json"), Path("tried.jsonl")


class State(StrEnum):
    """`types`: mypy finds it, so it is not tried. `not reached`: no test runs its function."""

    TYPES = "types"
    KILLED = "killed"
    TIMEOUT = "timeout"
    SURVIVED = "survived"
    NOT_REACHED = "not reached"
    EQUIVALENT = "equivalent"


FOUND = frozenset({State.TYPES, State.KILLED, State.TIMEOUT})


class ToTry(msgspec.Struct, frozen=True):
    """`digest`: what stands in its function without it."""

    name: str
    function: str
    digest: str


class Plan(msgspec.Struct, frozen=True):
    """`basis`: the digest of everything but the test modules, of which each has its own."""

    mutants: list[ToTry]
    at_once: int
    basis: str


class Reach(msgspec.Struct):
    """For each test its seconds and the functions that it runs. `early`: those that run while modules are imported."""

    basis: str
    modules: dict[str, str]
    seconds: dict[str, float]
    functions: dict[str, list[str]]
    early: list[str]


class Tried(msgspec.Struct, frozen=True):
    """`by`: the test that found it."""

    name: str
    digest: str
    state: State
    by: str = ""
