"""Watches the browser while a customer walks: our pages must load quietly, lightly and from nowhere else."""

from __future__ import annotations

from collections import defaultdict
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Request, Response, WebError

LIGHT = 50_000  # bytes of a page before Stripe.js
OURS = ("/checkout", "/orders/", "/console", "/static/fallback/")


class ShopHealth:
    """`complaints` stays empty on a good walk. What a test breaks on purpose it forgives, by a part of the address."""

    def __init__(self, context: BrowserContext, hosts: set[str]) -> None:
        self.complaints: list[str] = []
        self.weights: dict[str, int] = defaultdict(int)
        self._hosts = hosts
        self._forgiven: list[str] = []
        self._said_by_page: set[str] = set()
        context.on("request", self._request)
        context.on("response", self._response)
        context.on("requestfailed", self._failed)
        context.on("console", self._console)
        context.on("weberror", self._error)

    def forgive(self, *parts: str) -> None:
        self._forgiven += parts

    def _complain(self, address: str, what: str) -> None:
        if not any(part in address for part in self._forgiven):
            self.complaints.append(what)

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https") and parts.netloc not in self._hosts:
            self.complaints.append(f"asked another host: {request.url}")

    def _response(self, response: Response) -> None:
        request, path = response.request, urlsplit(response.url).path
        if request.is_navigation_request() and is_page(request):
            self._opened(response)
        elif path.startswith("/static/fallback/"):
            self._weigh(request.frame.url, response)

    def _opened(self, response: Response) -> None:
        # A page that says no, and says why, is in order; the browser writes its status into the console all the same.
        self._said_by_page.add(response.url)
        if is_ours(response):
            self.weights[response.url] = 0
            self._weigh(response.url, response)

    def _weigh(self, page: str, response: Response) -> None:
        self.weights[page] += int(response.headers.get("content-length", 0))
        if self.weights[page] > LIGHT:
            self.complaints.append(f"heavier than {LIGHT} bytes: {page}")

    def _failed(self, request: Request) -> None:
        # What a browser drops when the customer goes on to another page.
        if request.failure != "net::ERR_ABORTED" and is_our_page(request.frame.url):
            self._complain(request.url, f"failed on {request.frame.url}: {request.url} {request.failure}")

    def _console(self, message: ConsoleMessage) -> None:
        source = message.location["url"]
        if message.type != "error" or message.page is None or not is_our_page(message.page.url):
            return
        if source not in self._said_by_page:
            self._complain(source, f"console of {message.page.url}: {message.text} ({source})")

    def _error(self, error: WebError) -> None:
        if error.page is not None and is_our_page(error.page.url):
            self.complaints.append(f"script error on {error.page.url}: {error.error}")


def is_ours(response: Response) -> bool:
    """The shop's pages have no such policy."""
    return response.headers.get("content-security-policy", "").startswith("default-src 'none'; script-src 'self' http")


def is_our_page(address: str) -> bool:
    return urlsplit(address).path.startswith(OURS)


def is_page(request: Request) -> bool:
    """Not in a frame of another page. The first request of a new window is answered before its frame is known."""
    try:
        return request.frame.parent_frame is None
    except Error:
        return True
