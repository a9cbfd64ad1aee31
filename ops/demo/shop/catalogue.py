"""The products of the shop."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Item:
    sku: str
    title: str
    author: str
    category: str
    price: Decimal
    in_stock: int
    colour: str
    description: str


CATALOGUE = [
    Item(
        "BK-1",
        "The Lighthouse Ledger",
        "M. Aldous",
        "Novels",
        Decimal("12.99"),
        400,
        "#1f4e5f",
        "A keeper writes down every ship that passes, until one passes that is in no register.",
    ),
    Item(
        "BK-2",
        "Bread for Slow Mornings",
        "Ines Kordt",
        "Kitchen",
        Decimal("24.50"),
        400,
        "#8a4b2d",
        "Forty loaves that rise while you sleep, with one dough to begin with.",
    ),
    Item(
        "BK-3",
        "Walking the Salt Path Home",
        "T. Brandvold",
        "Travel",
        Decimal("18.00"),
        400,
        "#3d5a3a",
        "Nine hundred kilometres along the old salt roads, on foot, in one autumn.",
    ),
    Item(
        "BK-4",
        "A Field Guide to Clouds",
        "Ruth Okafor",
        "Nature",
        Decimal("15.95"),
        400,
        "#3f5f8a",
        "What the sky is about to do, in two hundred drawings.",
    ),
    Item(
        "BK-5",
        "Seven Small Harbours",
        "Luc Pereira",
        "Novels",
        Decimal("9.99"),
        400,
        "#6b3652",
        "Seven stories, one ferry, and a dog that everyone believes to be theirs.",
    ),
    Item(
        "BK-6",
        "The Patient Gardener",
        "H. Lindqvist",
        "Nature",
        Decimal("29.00"),
        400,
        "#4b5d23",
        "A garden planned for twenty years, month by month.",
    ),
    Item(
        "BK-7",
        "Maps for Children Who Get Lost",
        "Ada Winter",
        "Children",
        Decimal("13.90"),
        400,
        "#a0522d",
        "How to read a map, how to draw one, and why getting lost is half of it.",
    ),
    Item(
        "BK-8",
        "The Last Signal Box",
        "J. Maddern",
        "Novels",
        Decimal("11.50"),
        3,
        "#444444",
        "A signed first edition, three copies left: a night shift on a line that is about to close.",
    ),
]

# The countries to which the shop delivers.
COUNTRIES = {
    "AT": "Austria",
    "BE": "Belgium",
    "CH": "Switzerland",
    "DE": "Germany",
    "DK": "Denmark",
    "ES": "Spain",
    "FR": "France",
    "GB": "United Kingdom",
    "IE": "Ireland",
    "IT": "Italy",
    "NL": "Netherlands",
    "PL": "Poland",
    "SE": "Sweden",
    "US": "United States",
}
