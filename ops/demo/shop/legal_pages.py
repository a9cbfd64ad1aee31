"""The shop's pages about the law, as flat pages."""

from __future__ import annotations

from django.conf import settings
from django.contrib.flatpages.models import FlatPage
from django.contrib.sites.models import Site

from ops.demo.shops.legal_pages import PAGES


def load_legal_pages() -> None:
    site = Site.objects.get(pk=settings.SITE_ID)
    for url, (title, content) in PAGES.items():
        page, _ = FlatPage.objects.update_or_create(url=url, defaults={"title": title, "content": content})
        page.sites.set([site])
