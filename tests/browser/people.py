"""The people of the walks, and what they do: sentences such as `iris.pay_with(GOOD_CARD)`."""

from __future__ import annotations

import base64
import itertools
import json
import re

from playwright.sync_api import BrowserContext, FrameLocator, Locator, Page, expect

from tests.browser.watch import ShopHealth
from tests.browser.whole_demo import Mail, WholeDemo

GOOD_CARD = "4242424242424242"
OTHER_GOOD_CARD = "5555555555554444"
DECLINED_CARD = "4000000000000002"
BANK_ASKS_CARD = "4000002760003184"

LEDGER, HARBOURS = "The Lighthouse Ledger", "Seven Small Harbours"
SOON = 15_000  # milliseconds; two busy cores
PLACED_WITHIN = 30_000
SHOP_ADDRESS = {
    "first_name": "Iris",
    "last_name": "Murdoch",
    "line1": "Speicherstadt 4",
    "line4": "Hamburg",
    "postcode": "20457",
}
REF = re.compile(r"FB-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]")
NUMBERS = itertools.count(1)


def leave(page: Page, by: Locator) -> None:
    """Ends on the page to which the link or button leads. A click alone ends before its form is sent."""
    with page.expect_navigation():
        by.click()


class Customer:
    """A person with a browser of their own, and so with a basket of their own."""

    def __init__(self, demo: WholeDemo, context: BrowserContext, watch: ShopHealth) -> None:
        self.demo = demo
        self.context = context
        self.watch = watch
        self.email = f"iris{next(NUMBERS)}@example.org"
        self.page = context.new_page()

    # --- in the shop

    def put_a_book_in_the_basket(self, title: str = LEDGER, *, shop: str | None = None) -> None:
        """Ends on the page of the basket."""
        self.page.goto(f"{shop or self.demo.front}/catalogue/")
        book = self.page.locator(".product_pod").filter(has_text=title)
        leave(self.page, book.get_by_role("button", name="Add to basket"))
        self.page.goto(f"{shop or self.demo.front}/basket/")

    def check_out(self) -> None:
        """From the page of the basket, as the shop's own button leads."""
        leave(self.page, self.page.get_by_role("link", name="Proceed to checkout"))

    def goes_through_the_shops_checkout(self) -> None:
        """Up to the last button."""
        page = self.page
        page.goto(f"{self.demo.front}/checkout/")
        page.fill("#id_username", self.email)
        page.get_by_role("button", name="Continue").click()
        for name, text in SHOP_ADDRESS.items():
            page.locator(f"[name={name}]").fill(text)
        page.locator("[name=country]").select_option("DE")
        page.get_by_role("button", name="Continue").click()
        page.get_by_role("button", name="Select").first.click()
        page.get_by_role("link", name="Continue").click()

    def return_to_the_shop(self) -> None:
        self.page.goto(f"{self.demo.front}/checkout/")

    @property
    def cart_id(self) -> str:
        [token] = [cookie["value"] for cookie in self.context.cookies() if cookie["name"] == "fallback_cart"]
        claims = token.split(".")[1]
        cart_id: str = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["cart_id"]
        return cart_id

    # --- at our checkout

    def is_at_our_checkout(self, title: str = "Checkout") -> None:
        expect(self.headline).to_have_text(title, timeout=SOON)

    def enters_their_address(self, **other: str) -> None:
        self.fill_in("contact.email", other.get("email", self.email))
        self.fill_in("contact.name", other.get("name", "Iris Murdoch"))
        self.field("shipping_address.country").select_option("DE")
        self.fill_in("shipping_address.line1", "Speicherstadt 4")
        self.fill_in("shipping_address.postal_code", "20457")
        self.fill_in("shipping_address.city", "Hamburg")

    def fill_in(self, name: str, text: str) -> None:
        self.field(name).fill(text)

    def field(self, name: str) -> Locator:
        return self.page.locator(f"[name='{name}']")

    def wants_the_courier(self) -> str:
        """In the first slot that is offered; its words."""
        self.page.get_by_label("Courier in a time slot").check()
        times = self.page.locator("[name='slot.courier']")
        times.select_option(index=1)
        words: str = times.locator("option").nth(1).inner_text()
        return words

    def enters_card(self, number: str) -> None:
        card = self.card_field
        card.get_by_label("Card number").fill(number)
        card.get_by_label("Expiration date").fill("1244")
        card.get_by_label("Security code").fill("123")

    @property
    def card_field(self) -> FrameLocator:
        return self.page.frame_locator("iframe[title='Secure payment input frame']")

    def chooses_to_pay_later(self) -> None:
        """By keyboard: the card field above may still grow, and move it away under a pointer."""
        later = self.page.locator("#payment-later")
        later.press("Space")
        expect(later).to_be_checked()

    def buys(self) -> None:
        self.buy_button.click()

    @property
    def buy_button(self) -> Locator:
        return self.page.locator("#checkout .pay .button")

    def orders_with(self, card: str) -> str:
        """All of the checkout in one go; the order's ref."""
        self.enters_their_address()
        self.page.locator("#payment-card").check()
        self.enters_card(card)
        self.buys()
        return self.ref

    def orders_to_pay_later(self) -> str:
        self.enters_their_address()
        self.chooses_to_pay_later()
        self.buys()
        return self.ref

    # --- at their order

    @property
    def headline(self) -> Locator:
        return self.page.get_by_role("heading", level=1)

    @property
    def ref(self) -> str:
        """Of the order whose page the customer is on."""
        self.page.wait_for_url("**/orders/FB-*", timeout=SOON)
        found = REF.search(self.page.url)
        assert found
        return found[0]

    def reads(self, title: str, within: float = SOON) -> None:
        """As the headline, without loading the page again."""
        expect(self.headline).to_have_text(title, timeout=within)

    def reads_in_the_shop(self, text: str) -> None:
        expect(self.page.locator("body")).to_contain_text(text, timeout=SOON)

    def sees(self, text: str, within: float = SOON) -> None:
        expect(self.page.locator("main").get_by_text(text).first).to_be_visible(timeout=within)

    def pays_with(self, card: str) -> None:
        """On the order's page."""
        self.enters_card(card)
        self.page.get_by_role("button", name="Pay now").click()

    def goes_to_their_bank(self) -> None:
        self.page.get_by_role("link", name="Confirm the payment").click()
        expect(self.headline).to_have_text("Confirm your payment", timeout=SOON)

    def confirms_at_their_bank(self) -> None:
        self.page.get_by_role("button", name="Complete").click()

    def fails_at_their_bank(self) -> None:
        self.page.get_by_role("button", name="Fail").click()

    def cancels(self) -> None:
        leave(self.page, self.page.get_by_role("link", name="Cancel order"))
        leave(self.page, self.page.get_by_role("button", name="Cancel order"))

    def closes_the_tab(self) -> None:
        """Without waiting until it is closed: of a tab on its way to another page, Chromium may never say so."""
        self.page.close(run_before_unload=True)

    # --- at home

    def opens(self, address: str) -> None:
        """In a new tab."""
        self.page = self.context.new_page()
        self.page.goto(address)

    def gets_mail(self, about: str) -> Mail:
        return self.demo.latest_mail_to(self.email, about)

    @property
    def mails(self) -> list[str]:
        """The subjects of all that the customer got, oldest first."""
        return [mail.subject for mail in self.demo.mails_to(self.email)]


class Staff:
    """Works in the shop's dashboard."""

    def __init__(self, demo: WholeDemo, page: Page) -> None:
        self.page = page
        self.dashboard = f"{demo.front}/dashboard"
        page.goto(f"{self.dashboard}/login/")
        email, password = demo.staff
        page.fill("#id_username", email)
        page.fill("#id_password", password)
        leave(page, page.get_by_role("button", name="Login"))

    def numbers_of(self, email: str) -> list[str]:
        """The orders of a customer, as the list in the dashboard shows them."""
        self.page.goto(f"{self.dashboard}/orders/")
        rows = self.page.locator("tbody tr").filter(has_text=email)
        return [row.locator("td").nth(1).inner_text().strip() for row in rows.all()]

    def order(self, number: str) -> str:
        """The page of one order, as text, with all of its tabs."""
        self.page.goto(f"{self.dashboard}/orders/{number}/")
        return " ".join((self.page.locator("body").text_content() or "").split())


class Colleague:
    """Somebody of ops/demo/colleagues.py, signed in to the console."""

    def __init__(self, demo: WholeDemo, page: Page, name: str) -> None:
        self.demo = demo
        self.page = page
        self.name = name
        page.goto(f"{demo.place.url('fallback')}/console")
        page.get_by_label("Your name").fill(name)
        page.get_by_label("Password").fill(demo.password_of(name))
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Orders", exact=True)).to_be_visible(timeout=SOON)

    def opens(self, ref: str) -> None:
        self.page.goto(f"{self.demo.place.url('fallback')}/console/orders/{ref}")

    def finds(self, what: str) -> None:
        """By the one box of the desk; ends on the order's page."""
        self.page.goto(f"{self.demo.place.url('fallback')}/console")
        self.page.get_by_label("Find an order").fill(what)
        self.page.get_by_role("button", name="Find").click()
        self.page.wait_for_url("**/console/orders/FB-*", timeout=SOON)

    def sees(self, text: str, within: float = SOON) -> None:
        """Without loading the page again."""
        expect(self.page.locator("main").get_by_text(text).first).to_be_visible(timeout=within)

    def presses(self, button: str) -> None:
        self.page.get_by_role("button", name=button, exact=True).click()

    def begins_to_cancel(self) -> None:
        self.page.get_by_role("link", name="Cancel for the customer").click()
        self.page.get_by_label("Reason (internal)").fill("The customer asked for it on the phone")

    def begins_to_give_back(self, amount: str) -> None:
        self.page.get_by_role("link", name="Refund", exact=True).click()
        self.page.get_by_label("Amount in EUR").fill(amount)
        self.page.get_by_label("Reason").select_option(index=1)

    @property
    def is_told(self) -> str:
        """The word at the top of the page after a form."""
        word: str = self.page.locator("main [role=alert]").first.inner_text(timeout=SOON)
        return word
