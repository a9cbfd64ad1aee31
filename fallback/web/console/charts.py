"""Charts as SVG without inline styles: the style sheet sets their look, in light and dark mode.

Screen readers get title and description, and the figures are also in a table next to each chart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

# In units of the chart, which is as wide as a small phone.
WIDTH = 320
ROW = 46
BAR = 14
HEIGHT = 100


@dataclass(frozen=True)
class Bar:
    """`value` is drawn dark and `far`, which is never less, light behind it; `text` says both."""

    label: str
    value: float
    far: float
    text: str


def bars(name: str, title: str, description: str, rows: Sequence[Bar]) -> Markup:
    """`name`: unique on the page, for the ids. Empty if there is nothing to show."""
    if not rows:
        return Markup("")
    longest = max(row.far for row in rows) or 1
    drawn = Markup("").join(_bar(place, row, WIDTH / longest) for place, row in enumerate(rows))
    return Markup(
        '<svg class="bars" role="img" viewBox="0 0 {width} {height}" aria-labelledby="{name}-title {name}-text">'
        '<title id="{name}-title">{title}</title><desc id="{name}-text">{description}</desc>{drawn}</svg>'
    ).format(width=WIDTH, height=ROW * len(rows), name=name, title=title, description=description, drawn=drawn)


def _bar(place: int, row: Bar, scale: float) -> Markup:
    top = place * ROW
    return Markup(
        '<text x="0" y="{base}" font-size="14">{label}</text>'
        '<text x="{width}" y="{base}" font-size="14" text-anchor="end">{text}</text>'
        '<rect class="far" x="0" y="{y}" width="{far:.1f}" height="{bar}"></rect>'
        '<rect class="near" x="0" y="{y}" width="{value:.1f}" height="{bar}"></rect>'
    ).format(
        base=top + 14,
        label=row.label,
        text=row.text,
        width=WIDTH,
        y=top + 20,
        far=row.far * scale,
        value=row.value * scale,
        bar=BAR,
    )


def columns(name: str, title: str, description: str, values: Sequence[int | None], top: int) -> Markup:
    """A column for each value. `top`: the value at the upper edge. None is unknown, not zero.

    One path for all columns: sixty rectangles would need ten times as many bytes. It is stretched to the room that
    there is, so labels of its axes are outside (templates/console/oncall/hour.html).
    """
    width = WIDTH / len(values)
    columns = [_column(place * width, width, HEIGHT * value / top) for place, value in enumerate(values) if value]
    gaps = [_column(place * width, width, HEIGHT) for place, value in enumerate(values) if value is None]
    return Markup(
        '<svg class="columns" role="img" viewBox="0 0 {width} {height}" preserveAspectRatio="none" '
        'aria-labelledby="{name}-title {name}-text">'
        '<title id="{name}-title">{title}</title><desc id="{name}-text">{description}</desc>'
        '<path class="grid" d="M0 0H{width}M0 {half}H{width}"></path>'
        '<path class="unknown" d="{gaps}"></path><path class="near" d="{columns}"></path></svg>'
    ).format(
        width=WIDTH,
        height=HEIGHT,
        half=HEIGHT // 2,
        name=name,
        title=title,
        description=description,
        gaps="".join(gaps),
        columns="".join(columns),
    )


def top_of(values: Iterable[int | None]) -> int:
    """A round number, even so that its half is one too, that no value exceeds."""
    most = max((value or 0 for value in values), default=0)
    decade = 1
    while most > 10 * decade:
        decade *= 10
    return next(step * decade for step in (2, 4, 6, 10) if most <= step * decade)


def _column(left: float, width: float, height: float) -> str:
    """Draws one column, with a small gap to the next."""
    return f"M{left:.1f} {HEIGHT}v-{height:.1f}h{width - 0.8:.1f}v{height:.1f}z"
