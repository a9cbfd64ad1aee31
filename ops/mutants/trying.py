"""A pytest plugin: collects the tests once, and tries each mutant in a fork of that process.

Which tests reach which function is found first, in a fork too, so that no mutant meets what an earlier run has cached.
What each has become is appended to tried.jsonl at once: whoever is interrupted goes on from there.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path
from typing import NoReturn

import msgspec
import pytest
from hypothesis import Phase, settings
from mutmut.mutation import trampoline

from ops.mutants.kept import PLAN, REACH, TRIED, Plan, Reach, State, ToTry, Tried

MEMORY = 6 << 30


_hits: set[str] = set()
_failed: list[str] = []


vars(trampoline)["record_trampoline_hit"] = lambda name, **_: _hits.add(name)
trampoline.set_mutant_under_test("stats")
# What shrinks a failure only makes it nicer to read.
settings.register_profile(
    "mutants", derandomize=True, deadline=None, database=None, phases=[Phase.explicit, Phase.generate]
)
settings.load_profile("mutants")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.failed:
        _failed.append(report.nodeid)


def pytest_runtestloop(session: pytest.Session) -> bool:
    early = sorted(_hits)
    trampoline.set_mutant_under_test("")
    plan = msgspec.json.decode(PLAN.read_bytes(), type=Plan)
    gc.collect()
    gc.freeze()
    reach = _reach(session, plan, early)
    tests = _tests_of(session.items, reach)
    running: dict[int, ToTry] = {}
    for number, mutant in enumerate(plan.mutants):
        items = tests[mutant.function]
        if not items:
            _write(Tried(mutant.name, mutant.digest, State.NOT_REACHED))
            continue
        while len(running) >= plan.at_once:
            _wait(running)
        limits = [reach.seconds[item.nodeid] for item in items]
        running[_fork(partial(_try, mutant, items, limits))] = mutant
        if number % 50 == 0:
            print(f"{time.strftime('%H:%M:%S')} {number} of {len(plan.mutants)}: {mutant.function}", flush=True)
    while running:
        _wait(running)
    return True


def _reach(session: pytest.Session, plan: Plan, early: list[str]) -> Reach:
    """What is known still holds, as long as nothing but test modules has changed. The changed ones are run again."""
    paths = {_module(item): item.path for item in session.items}
    modules = {name: sha256(path.read_bytes()).hexdigest() for name, path in paths.items()}
    known = Reach(plan.basis, {}, {}, {}, early)
    if REACH.exists():
        before = msgspec.json.decode(REACH.read_bytes(), type=Reach)
        known = before if before.basis == plan.basis else known
    items = [item for item in session.items if known.modules.get(_module(item)) != modules[_module(item)]]
    ids = {item.nodeid for item in session.items}
    kept = {nodeid for nodeid in known.seconds if nodeid in ids} - {item.nodeid for item in items}
    seconds = {nodeid: known.seconds[nodeid] for nodeid in kept}
    functions = {nodeid: known.functions[nodeid] for nodeid in kept}
    if items:
        print(f"Running {len(items)} tests without a mutant", flush=True)
        child = _fork(lambda: _find_reach(items))
        _, status = os.waitpid(child, 0)
        if status:
            ended = f"ended with {os.waitstatus_to_exitcode(status)}"
            raise pytest.UsageError(f"Without a mutant the tests {ended}: see {Path('reach.log').absolute()}")
        found = msgspec.json.decode(Path("reach.part.json").read_bytes(), type=Reach)
        seconds |= found.seconds
        functions |= found.functions
    reach = Reach(plan.basis, modules, seconds, functions, early)
    REACH.write_bytes(msgspec.json.encode(reach))
    return reach


def _module(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


def _find_reach(items: list[pytest.Item]) -> NoReturn:
    _say_to("reach.log")
    trampoline.set_mutant_under_test("stats")
    seconds, functions = {}, {}
    for item, following in zip_longest(items, items[1:]):
        _hits.clear()
        began = time.process_time()
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        seconds[item.nodeid] = time.process_time() - began
        functions[item.nodeid] = sorted(_hits)
    Path("reach.part.json").write_bytes(msgspec.json.encode(Reach("", {}, seconds, functions, [])))
    print(_failed, flush=True)
    os._exit(1 if _failed else 0)


def _tests_of(items: Iterable[pytest.Item], reach: Reach) -> dict[str, list[pytest.Item]]:
    """For each function the tests that run it: the quick ones first, of those the ones that run little else."""
    tests: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        for function in reach.functions[item.nodeid]:
            tests[function].append(item)
    for found in tests.values():
        found.sort(key=lambda item: (round(reach.seconds[item.nodeid], 1), len(reach.functions[item.nodeid])))
    return tests


def _try(mutant: ToTry, items: list[pytest.Item], seconds: list[float]) -> NoReturn:
    _say_to(os.devnull)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    trampoline.set_mutant_under_test(mutant.name)
    for item, following, usual in zip_longest(items, items[1:], seconds):
        # Who runs in circles is ended by the system: by the time that it computes, and by that on the wall.
        signal.setitimer(signal.ITIMER_PROF, 3 + 10 * usual)
        signal.alarm(int(60 + 100 * usual))
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if _failed:
            break
    _write(Tried(mutant.name, mutant.digest, State.KILLED if _failed else State.SURVIVED, *_failed[:1]))
    os._exit(0)


def _fork(run: Callable[[], NoReturn]) -> int:
    pid = os.fork()
    if pid:
        return pid
    os.setpgid(0, 0)  # no session of its own: in one of those the niceness of all others would not count
    try:
        run()
    except BaseException:  # noqa: BLE001 what a mutant may raise is anything, and must not get back to the parent
        traceback.print_exc()
    os._exit(3)


def _wait(running: dict[int, ToTry]) -> None:
    """For any one of them. What it has started ends with it."""
    pid, status = os.wait()
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    mutant = running.pop(pid)
    ended = os.waitstatus_to_exitcode(status)
    if ended < 0:
        late = -ended in (signal.SIGPROF, signal.SIGALRM)
        _write(Tried(mutant.name, mutant.digest, State.TIMEOUT if late else State.KILLED, f"signal {-ended}"))
    elif ended:
        _write(Tried(mutant.name, mutant.digest, State.KILLED, "the tests could not go on"))


def _write(tried: Tried) -> None:
    """One line at once: others write to the same file."""
    with TRIED.open("ab", buffering=0) as file:
        file.write(msgspec.json.encode(tried) + b"\n")


def _say_to(file: str) -> None:
    said = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(said, 1)
    os.dup2(said, 2)
