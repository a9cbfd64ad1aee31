"""The demo's supervisor, with cheap real children."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.demo import lock, running
from ops.demo.breaking import break_it, start_anew_if_silent
from ops.demo.places import Place
from ops.demo.supervisor import HUNG, Process
from tests.demo.little_demo import LittleDemo, is_alive
from tests.demo.waiting import eventually


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LittleDemo]:
    monkeypatch.setattr(running, "GRACE", 1.0)
    demo = LittleDemo(Place(tmp_path / "demo"))
    yield demo
    running.take_down(demo.place)
    demo.supervisor.wait()


def test_a_killed_process_is_started_again_within_a_second(demo: LittleDemo) -> None:
    killed = demo.kill("web")

    again = demo.next_pid("web", killed, within=1.0)

    assert not is_alive(killed)
    assert is_alive(again)


def test_who_is_killed_again_and_again_comes_back_as_quickly(demo: LittleDemo) -> None:
    for _ in range(5):
        demo.next_pid("web", demo.kill("web"), within=1.0)


def test_the_pid_file_names_the_process_that_runs(demo: LittleDemo) -> None:
    pid = demo.pid("web")

    assert Path(f"/proc/{pid}/cmdline").read_text().split("\0")[:2] == ["sleep", "1000"]
    assert demo.place.pid_file("web").read_text() == f"{pid}\n"


def test_what_a_killed_process_had_started_goes_with_it(demo: LittleDemo) -> None:
    child = demo.child_of_parent()

    killed = demo.kill("parent")
    demo.next_pid("parent", killed, within=1.0)

    eventually(lambda: not is_alive(child))


def test_a_process_that_keeps_crashing_is_restarted_less_and_less_often(demo: LittleDemo) -> None:
    # Pauses of 0.2 and 0.4 seconds stand before the second and the third start.
    eventually(lambda: demo.starts_of_crasher() >= 3)

    assert demo.starts_of_crasher() <= 4
    assert is_alive(demo.pid("web"))


def test_a_process_that_hangs_holds_what_it_has_until_it_is_started_anew(demo: LittleDemo) -> None:
    hung = demo.pid("web")
    break_it(demo.place, "web", HUNG)
    eventually(lambda: state_of(hung) == "T")
    assert demo.place.broken("web") == HUNG

    demo.kill("web")
    again = demo.next_pid("web", hung, within=1.0)

    assert state_of(again) != "T"
    assert demo.place.broken("web") is None


def test_a_process_that_hangs_hears_the_end_of_the_demo(demo: LittleDemo) -> None:
    demo.pid("web")
    break_it(demo.place, "web", HUNG)

    running.take_down(demo.place)

    assert f"web ended with {-signal.SIGTERM}\n" in demo.place.log_file(running.SUPERVISOR).read_text()


def state_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_what_is_broken_on_purpose_stays_down_until_it_is_healed(demo: LittleDemo) -> None:
    broken = demo.pid("web")

    demo.place.broken_file("web").write_text("down")
    eventually(lambda: not is_alive(broken))
    # The others live on and are looked after, so the supervisor has passed by the broken one many times since.
    for _ in range(3):
        demo.next_pid("redis", demo.kill("redis"), within=1.0)
    assert running.alive(demo.place, "web") is None
    assert not demo.place.pid_file("web").exists()

    demo.place.broken_file("web").unlink()
    assert demo.next_pid("web", broken, within=1.0)


def test_a_fault_of_its_own_does_not_take_a_process_down(demo: LittleDemo) -> None:
    pid = demo.pid("web")

    demo.place.broken_file("web").write_text("slow")
    for _ in range(3):
        demo.next_pid("redis", demo.kill("redis"), within=1.0)

    assert demo.pid("web") == pid


def test_down_ends_everything_also_who_will_not_listen(demo: LittleDemo) -> None:
    pids = [demo.pid(name) for name in ("redis", "web", "parent", "stubborn")]

    assert running.take_down(demo.place) is True

    assert not any(is_alive(pid) for pid in pids)
    assert list(demo.place.run.glob("*.pid")) == []
    assert lock.is_free(demo.place)
    assert running.take_down(demo.place) is False


def test_down_also_ends_what_a_killed_supervisor_left_behind(demo: LittleDemo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "GRACE", 0.3)
    pids = [demo.pid(name) for name in ("redis", "web", "stubborn")]
    os.kill(demo.supervisor.pid, signal.SIGKILL)
    demo.supervisor.wait()
    assert is_alive(pids[-1])

    running.take_down(demo.place)

    eventually(lambda: not any(is_alive(pid) for pid in pids))
    assert lock.is_free(demo.place)


def test_a_second_demo_in_the_same_place_is_refused_while_anything_of_the_first_lives(demo: LittleDemo) -> None:
    demo.pid("stubborn")
    assert lock.take(demo.place) is None

    os.kill(demo.supervisor.pid, signal.SIGKILL)
    demo.supervisor.wait()
    assert lock.take(demo.place) is None


def test_a_running_process_that_does_not_respond_is_restarted(demo: LittleDemo) -> None:
    silent = demo.pid("web")

    start_anew_if_silent(demo.place, Process("web", [], "tcp://127.0.0.1:1"), patience=0)

    assert is_alive(demo.next_pid("web", silent, within=5.0))
    assert not is_alive(silent)


def test_a_process_that_responds_is_not_restarted(demo: LittleDemo) -> None:
    well = demo.pid("web")
    with socket.create_server(("127.0.0.1", 0)) as server:
        start_anew_if_silent(demo.place, Process("web", [], f"tcp://127.0.0.1:{server.getsockname()[1]}"), patience=0)

    assert demo.pid("web") == well
    assert is_alive(well)
