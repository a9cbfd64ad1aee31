"""The shops that a demo can run on, and what real ones need: their own files, PostgreSQL, and packages from npm."""

from collections.abc import Mapping

from ops.demo.places import Place
from ops.demo.shops import example, vendure
from ops.demo.shops.shop import Shop

# A new shop gets a module or a folder beside the others, and its place here.
SHOPS: Mapping[str, Shop] = {shop.name: shop for shop in (example.SHOP, vendure.SHOP)}


def shop_of(place: Place) -> Shop:
    return SHOPS[place.shop]
