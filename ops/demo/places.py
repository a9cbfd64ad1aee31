"""The directory and the ports of a demo."""

import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = "example"  # the shop of a demo that was told no other
LOOPBACK = "127.0.0.1"

# name: offset from the port base
PORTS = {"front": 0, "mail": 25, "fallback": 100, "stripe": 200, "shop": 300, "redis": 379}
# Only some shops have these.
MORE_PORTS = {"storefront": 301, "postgres": 332}


def usual_state(shop: str) -> Path:
    """Each shop has its own folder: what one took, no other one has to hand over."""
    return ROOT / "var" / ("demo" if shop == EXAMPLE else f"demo-{shop}")


@dataclass(frozen=True)
class Place:
    """One demo on this machine. Two can run at the same time with different directories and port bases."""

    state: Path
    port_base: int = 8000
    shop: str = EXAMPLE

    def port(self, name: str) -> int:
        return self.port_base + (PORTS | MORE_PORTS)[name]

    def url(self, name: str) -> str:
        return f"http://localhost:{self.port(name)}"

    def command(self, words: str = "") -> str:
        """The command for this demo, as a person copies it into a terminal."""
        state = self.state.relative_to(ROOT) if self.state.is_relative_to(ROOT) else self.state
        shop = "" if self.shop == EXAMPLE else f"--shop {self.shop}"
        there = "" if self.state == usual_state(self.shop) else f"--state {shlex.quote(str(state))}"
        return " ".join(filter(None, ("./ops/bin/demo", shop, there, words)))

    @property
    def env_file(self) -> Path:
        return self.state / "env"

    @property
    def mail(self) -> Path:
        return self.state / "mail"

    @property
    def run(self) -> Path:
        return self.state / "run"

    def pid_file(self, name: str) -> Path:
        return self.run / f"{name}.pid"

    def log_file(self, name: str) -> Path:
        return self.state / "logs" / f"{name}.log"

    def broken_file(self, name: str) -> Path:
        """Exists while this process is broken on purpose; contains the kind of fault. The supervisor obeys 'down'."""
        return self.state / "broken" / name

    def broken(self, name: str) -> str | None:
        try:
            return self.broken_file(name).read_text()
        except FileNotFoundError:
            return None

    def data(self, name: str) -> Path:
        """The directory for the files of one process."""
        return self.state / name

    def make_directories(self) -> None:
        for directory in ("run", "logs", "mail", "broken", "redis", "front", "shop", "stripe"):
            (self.state / directory).mkdir(parents=True, exist_ok=True)
