"""What the demo asks of a shop that it runs on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ops.demo.env import Env
from ops.demo.places import Place
from ops.demo.supervisor import Process

Tell = Callable[[str], object]


@dataclass(frozen=True)
class Shop:
    """`title`: what it is, for a sentence.

    `settings`: those of Fallback Checkout for this kind of shop, and of the shop's own processes. `secrets`: those that
    are made at the first start and kept.

    `prepare`: what has to be there before the processes start. Safe to run again; only the first time may take long.
    `processes`: in the order in which they start. `door`: the name of the port that the shop's pages are at.
    `more_ports`: names of ports besides those of every demo. `ready_within`: seconds until the processes have started.

    `ways`: in which ways each process can be broken; what others need comes first. `down` and `hung` are known to
    `ops.demo.breaking`; for the others it calls `plant`, and `mend` to end them. `back_office`: where the shop's staff
    look, as a name and an address. `check_machine` raises `Missing` if something is not installed.
    """

    name: str
    title: str
    settings: Callable[[Place, Env], Env]
    prepare: Callable[[Place, Env, Tell], None]
    processes: Callable[[Place, Env], list[Process]]
    back_office: Callable[[Place, Env], tuple[str, str]]
    ways: Mapping[str, Sequence[str]]
    secrets: Mapping[str, Callable[[], str]] = field(default_factory=dict)
    door: str = "shop"
    more_ports: Sequence[str] = ()
    ready_within: float = 120.0
    plant: Callable[[Place, str], None] = lambda _, __: None
    mend: Callable[[Place], None] = lambda _: None
    check_machine: Callable[[], None] = lambda: None
