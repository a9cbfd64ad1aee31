"""A Haystack backend, which Oscar needs to list products. For eight books the database is enough."""

import json
from typing import Any

from django.db.models import Q, QuerySet
from haystack.backends import BaseEngine, BaseSearchBackend, BaseSearchQuery, SearchNode
from haystack.models import SearchResult
from oscar.core.loading import get_model

# Oscar's sort orders and their database fields.
ORDERS = {
    "title_exact": "title",
    "price": "stockrecords__price",
    "rating": "rating",
    "date_created": "date_created",
}


class ShelfBackend(BaseSearchBackend):
    """There is no index besides the tables, so nothing has to be updated."""

    def update(self, index, iterable, commit: bool = True) -> None: ...

    def remove(self, obj_or_string, commit: bool = True) -> None: ...

    def clear(self, models=None, commit: bool = True) -> None: ...

    def search(self, query_string: str, start_offset: int = 0, end_offset: int | None = None, **kwargs) -> dict:
        found = products(json.loads(query_string), kwargs.get("sort_by") or [])
        page = found[start_offset:end_offset]
        return {"results": [search_result(product) for product in page], "hits": found.count()}


class ShelfQuery(BaseSearchQuery):
    """Passes the conditions as JSON, because this backend has no query language."""

    def build_query(self) -> str:
        return json.dumps(dict(conditions(self.query_filter)))


class ShelfEngine(BaseEngine):
    backend = ShelfBackend
    query = ShelfQuery


def conditions(node: SearchNode):
    for child in node.children:
        if isinstance(child, SearchNode):
            yield from conditions(child)
        else:
            expression, value = child
            field = expression.partition("__")[0]
            yield field, value if isinstance(value, list) else str(getattr(value, "query_string", value))


def products(wanted: dict[str, Any], sort_by: list[str]) -> QuerySet:
    found = get_model("catalogue", "Product").objects.browsable().base_queryset()
    if "category" in wanted:
        found = found.filter(categories__in=wanted["category"])
    for word in wanted.get("content", "").split():
        found = found.filter(Q(title__icontains=word) | Q(description__icontains=word))
    order = [key.replace(key.lstrip("-"), ORDERS[key.lstrip("-")]) for key in sort_by if key.lstrip("-") in ORDERS]
    return found.order_by(*order, "pk").distinct()


def search_result(product) -> SearchResult:
    result = SearchResult("catalogue", "product", product.pk, 0)
    result._object = product
    return result
