"""The shop's product pictures: small SVG covers, shown unchanged at every size."""

from textwrap import wrap
from xml.sax.saxutils import escape

from django.db.models.fields.files import ImageFieldFile
from oscar.core.thumbnails import AbstractThumbnailer

COVER = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 320" width="240" height="320">
<rect width="240" height="320" rx="4" fill="{colour}"/>
<rect width="14" height="320" rx="4" fill="#000" fill-opacity=".18"/>
<path d="M14 236 q28 -22 56 0 t56 0 t56 0 t58 0 V316 a4 4 0 0 1 -4 4 H14 z" fill="#fff" fill-opacity=".16"/>
<g fill="#fff" font-family="Georgia, serif">{title}
<text x="34" y="292" font-size="15">{author}</text></g>
</svg>
"""
TITLE_LINE = '\n<text x="34" y="{y}" font-size="25" font-weight="bold">{text}</text>'


def cover(title: str, author: str, colour: str) -> str:
    lines = [TITLE_LINE.format(y=66 + 32 * n, text=escape(text)) for n, text in enumerate(wrap(title, width=13))]
    return COVER.format(colour=colour, title="".join(lines), author=escape(author))


class OriginalPicture(AbstractThumbnailer):
    """An SVG needs no thumbnails: the browser draws the original at the size of its box."""

    def generate_thumbnail(self, source: ImageFieldFile, **_opts) -> ImageFieldFile:
        return source

    def delete_thumbnails(self, source: ImageFieldFile) -> None:
        """Does nothing, because there are no thumbnails."""
