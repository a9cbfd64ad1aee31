"""/static/fallback and /failover.js: files that our pages and the shop's pages load."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, abort

from fallback.web.http.auth import Rule, allow, container
from fallback.web.http.compression import packed
from fallback.web.http.static_files import FILES, PACKED, TYPES, VERSION

blueprint = Blueprint("assets", __name__)

FOR_GOOD = "public, max-age=31536000, immutable"
FOR_MINUTES = "public, max-age=300"


@blueprint.get("/static/fallback/<version>/<name>")
@allow(Rule.PUBLIC)
def show(version: str, name: str) -> Response:
    """A page opened before a release requests the previous version, and gets the new one with a short cache time."""
    return _file(name, FOR_GOOD if version == VERSION else FOR_MINUTES)


@blueprint.get("/static/fallback/brand.css")
@allow(Rule.PUBLIC)
def show_brand() -> Response:
    """The shop's colour. It is a setting, so it is no file."""
    storefront = container().config.storefront
    style = storefront.style() if storefront.shop_colour else ""
    return Response(style, mimetype=TYPES[".css"], headers={"Cache-Control": FOR_MINUTES})


@blueprint.get("/failover.js")
@allow(Rule.PUBLIC)
def failover() -> Response:
    """The script that a shop's pages include; its URL never changes."""
    return _file("failover.js", FOR_MINUTES)


def _file(name: str, caching: str) -> Response:
    if name not in FILES:
        abort(404)
    response = Response(FILES[name], mimetype=TYPES[Path(name).suffix], headers={"Cache-Control": caching})
    return packed(response, PACKED[name])
