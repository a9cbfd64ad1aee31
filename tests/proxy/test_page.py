"""What is written about the proxies: the page with the table, and the settings of the Worker."""

import re
import tomllib

from ops.demo.places import ROOT
from tests.proxy.standins import PROXIES, PROXY, WORKER

PAGE = (ROOT / "ops/docs/reference/proxies.md").read_text()


def test_the_table_has_every_proxy_and_a_word_on_each() -> None:
    head, rule, *rows = [line for line in PAGE.splitlines() if line.startswith("|")]
    linked = set(re.findall(r"\]\(\.\./\.\./proxy/([\w.]+)", head))
    assert linked == {path.name for path in PROXY.iterdir()}
    columns = rule.count("|") - 1
    assert columns == 1 + len(PROXIES) + 1  # what it is about, and failover.js
    assert [row for row in rows if row.count("|") - 1 != columns or "| |" in row] == []


def test_the_worker_is_deployed_with_the_settings_that_it_is_tested_with() -> None:
    deployed = tomllib.loads((PROXY / "worker/wrangler.toml").read_text())
    worker, _ = WORKER.read_text().split('(name = "zone"')
    assert {*deployed["vars"], "PROXY_TOKEN"} == set(re.findall(r'fromEnvironment = "(\w+)"', worker))
    assert f'compatibilityDate = "{deployed["compatibility_date"]}"' in worker
    assert (PROXY / "worker" / deployed["main"]).is_file()
