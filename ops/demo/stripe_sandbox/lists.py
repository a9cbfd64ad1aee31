"""Lists, search and expansion. Pages: 'Pagination', 'Search' (eventually consistent), 'Expanding Responses'."""

import json
import re
from typing import Any

from ops.demo.stripe_sandbox import params as read
from ops.demo.stripe_sandbox.errors import invalid_parameter, missing
from ops.demo.stripe_sandbox.sandbox import Sandbox
from ops.demo.stripe_sandbox.store import Json

BOUNDS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
CLAUSE = re.compile(r"""^(?:metadata\[(['"])(?P<key>[^'"]+)\1\]|(?P<field>status|currency)):(['"])(?P<value>.*)\4$""")
SEARCH_LAG = 60
EXPANDABLE = {"pi": "payment_intent", "ch": "charge", "pm": "payment_method"}


def page(sandbox: Sandbox, kind: str, url: str, params: Json, filters: tuple[str, ...] = ()) -> Json:
    """Newest first. `starting_after` continues with older objects, `ending_before` with newer ones."""
    limit = _limit(params)
    where = ["kind = ?"]
    values: list[Any] = [kind]
    for name in filters:
        if read.text(params, name):
            where.append(f"json_extract(body, '$.{name}') = ?")
            values.append(params[name])
    for comparison, bound in _created(params):
        where.append(f"json_extract(body, '$.created') {comparison} ?")
        values.append(bound)
    after, before = read.text(params, "starting_after"), read.text(params, "ending_before")
    if after or before:
        where.append("seq < ?" if after else "seq > ?")
        values.append(_position(sandbox, kind, after or before or "", "starting_after" if after else "ending_before"))
    direction = "DESC" if after or not before else "ASC"
    sql = f"SELECT body FROM objects WHERE {' AND '.join(where)} ORDER BY seq {direction} LIMIT {limit + 1}"
    found = [json.loads(body) for (body,) in sandbox.store.rows(sql, *values)]
    data = found[:limit] if direction == "DESC" else found[:limit][::-1]
    return {"object": "list", "data": data, "has_more": len(found) > limit, "url": url}


def _limit(params: Json) -> int:
    limit = read.integer(params, "limit", minimum=1) or 10
    if limit > 100:
        raise invalid_parameter(f"Invalid limit: {limit}. It must be between 1 and 100.", "limit")
    return limit


def _created(params: Json) -> list[tuple[str, int]]:
    created = params.get("created")
    if created is None or isinstance(created, str):
        exact = read.integer(params, "created")
        return [] if exact is None else [("=", exact)]
    read.check_known(created, BOUNDS)
    return [(BOUNDS[name], read.integer(created, name) or 0) for name in created]


def _position(sandbox: Sandbox, kind: str, id: str, param: str) -> Any:
    found = sandbox.store.row("SELECT seq FROM objects WHERE kind = ? AND id = ?", kind, id)
    if found is None:
        raise missing(kind, id, param, 400)
    return found[0]


def search(sandbox: Sandbox, kind: str, url: str, params: Json) -> Json:
    """`metadata['ref']:'FB-…' AND status:'…'`. Objects younger than a minute are not found, as Stripe documents.

    The setting `search_lag` changes that delay (seconds).
    """
    indexed = sandbox.now() - sandbox.store.setting("search_lag", SEARCH_LAG)
    where, values = ["kind = ?", "json_extract(body, '$.created') <= ?"], [kind, indexed]
    for clause in read.required(params, "query").split(" AND "):
        match = CLAUSE.match(clause.strip())
        if match is None:
            raise invalid_parameter(f"We were unable to parse your search query near `{clause}`.", "query")
        where.append("json_extract(body, ?) = ?")
        values += [f'$.metadata."{match["key"]}"' if match["key"] else f"$.{match['field']}", match["value"]]
    limit = _limit(params)
    sql = f"SELECT body FROM objects WHERE {' AND '.join(where)} ORDER BY seq DESC LIMIT {limit + 1}"
    found = [json.loads(body) for (body,) in sandbox.store.rows(sql, *values)]
    more = len(found) > limit
    return {"object": "search_result", "data": found[:limit], "has_more": more, "next_page": None, "url": url}


def expand(sandbox: Sandbox, thing: Json, paths: object) -> Json:
    """Replace ids by their objects, for paths such as `latest_charge` or `data.latest_charge.refunds`."""
    for path in paths if isinstance(paths, list) else []:
        _expand(sandbox, thing, path.split("."))
    return thing


def _expand(sandbox: Sandbox, thing: Json, path: list[str]) -> None:
    name, *rest = path
    value = thing.get(name)
    if isinstance(value, list):
        for each in value:
            _expand(sandbox, each, rest)
        return
    if name == "refunds" and thing["object"] == "charge":
        url = f"/v1/charges/{thing['id']}/refunds"
        thing[name] = page(sandbox, "refund", url, {"charge": thing["id"]}, ("charge",))
    elif isinstance(value, str) and value.partition("_")[0] in EXPANDABLE:
        thing[name] = sandbox.fetch(EXPANDABLE[value.partition("_")[0]], value)
    elif name not in thing:
        raise invalid_parameter(f"This property cannot be expanded ({'.'.join(path)}).", "expand")
    if rest and isinstance(thing[name], dict):
        _expand(sandbox, thing[name], rest)
