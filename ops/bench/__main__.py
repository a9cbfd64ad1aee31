"""Run all measurements, print each ratio with its bound, and write all figures to var/bench.json."""

from __future__ import annotations

import json
import platform
import sys
from datetime import UTC, datetime

from ops.bench import accept, drain, journal, lists, overload, races, shops
from ops.bench.servers import ROOT

# figure -> ('at least' or 'at most', bound)
PROMISES = {
    "accept_to_view": ("at least", 0.30),
    "accept_p99_to_view_p99": ("at most", 3.0),
    "best_accept_to_best_view": ("at least", 0.5),
    "bytes_per_held_order": ("at most", 2_000.0),
    "p99_many_held_to_few": ("at most", 1.2),
    "million_accepts_to_few": ("at least", 0.9),
    "million_p99_in_rewrite_to_usual": ("at most", 2.0),
    "million_restart_seconds": ("at most", 15.0),
    "overload_refused_p99_ms": ("at most", 100.0),
    "overload_accepted_p99_ms": ("at most", 1_000.0),
    "overload_seconds_to_usual": ("at most", 10.0),
    "drain_to_loop_16": ("at least", 0.95),
    "drain_to_loop_32": ("at least", 0.90),
    "drain_to_loop_64": ("at least", 0.80),
    "drain_to_rq_jobs": ("at least", 20.0),
    "lists_p95_ms": ("at most", 50.0),
    "shops_beside_flood_to_usual": ("at most", 3.0),
    "shops_refused_beside_flood": ("at most", 0.0),
    "shops_drain_to_alone": ("at least", 0.9),
    "schedules_broken": ("at most", 0.0),
    **{
        f"journal_{name}_{figure}": ("at most", 0.0)
        for name in ("killed", "failed_over")
        for figure in ("refused", "lost", "doubled", "damaged")
    },
}
PARTS = {
    "accept": accept.measure,
    "best": accept.measure_best,
    "held": accept.measure_held,
    "million": accept.measure_million,
    "overload": overload.measure,
    "drain": drain.measure,
    "lists": lists.measure,
    "races": races.measure,
    "journal": journal.measure,
    "shops": shops.measure,
}


def main(wanted: list[str]) -> int:
    figures: dict[str, float] = {}
    for name, measure in PARTS.items():
        if not wanted or name in wanted:
            print(f"measuring {name} …", file=sys.stderr, flush=True)
            figures |= measure()
    for name, figure in figures.items():
        print(f"{name:28} {figure:12.2f}  {_verdict(name, figure)}")
    path = ROOT / "var" / "bench.json"
    path.parent.mkdir(exist_ok=True)
    about = {"at": datetime.now(UTC).isoformat(), "python": platform.python_version()}
    path.write_text(json.dumps(about | {"figures": figures}, indent=2) + "\n")
    return 0 if all(_kept(name, figure) for name, figure in figures.items()) else 1


def _verdict(name: str, figure: float) -> str:
    if name not in PROMISES:
        return ""
    side, bound = PROMISES[name]
    return f"{side} {bound:g}: {'kept' if _kept(name, figure) else 'MISSED'}"


def _kept(name: str, figure: float) -> bool:
    side, bound = PROMISES.get(name, ("", 0.0))
    return figure >= bound if side == "at least" else figure <= bound if side else True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
