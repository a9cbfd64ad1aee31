"""'Undo and start again' opens the checkout with everything but the card filled in."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.order.cart import Delivery, Slot
from fallback.domain.order.lifecycle import Headline, headline
from fallback.domain.order.order import PaymentState
from tests.builders import CUSTOMER, NOW, a_payment, an_order
from tests.web.customer.order_page import CANCELLED, NOT_PAID, WAITING, Customer, WithLink
from tests.web.filling import press
from tests.web.html import Page
from tests.web.world import a_cart, signed

MINE = "basket-17"  # the cart that the browser has


def test_undo_and_start_again_is_confirmed_on_a_page_of_its_own(with_link: WithLink) -> None:
    customer = with_link(WAITING)
    [link] = [link for link in customer.open().all("a") if link.text == "Cancel and start again"]
    page = Page(customer.browser.get(link["href"]))
    assert page.title == "Cancel this order and start again?"
    assert "Your basket is kept" in page.text
    assert customer.order == customer.ledger.load(customer.ref)


def starts_again(customer: Customer) -> Page:
    [link] = [link for link in customer.open().all("a") if "Cancel and start again" in link.text or "neu" in link.text]
    return press(customer.browser, Page(customer.browser.get(link["href"])), "/cancellation")


def test_who_has_paid_nothing_is_back_in_the_checkout_at_once(with_link: WithLink) -> None:
    customer = with_link(replace(NOT_PAID, cart_id=MINE))
    page = starts_again(customer)
    assert page.title == "Checkout"
    assert headline(customer.order) is Headline.CANCELLED


NOTED = replace(CUSTOMER, phone="+44 1482 300300", note="Ring twice", address=replace(CUSTOMER.address, name="Dora"))

TYPED = {
    "contact.email": "iris@example.org",
    "contact.name": "Iris Murdoch",
    "contact.phone": "+44 1482 300300",
    "shipping_address.line1": "1 Quay",
    "shipping_address.line2": "",
    "shipping_address.postal_code": "HU1 1AA",
    "shipping_address.city": "Hull",
    "shipping_address.name": "Dora",
    "note": "Ring twice",
    "delivery.id": "courier",
}


def test_who_starts_again_finds_everything_but_the_card_filled_in(with_link: WithLink) -> None:
    courier = Delivery("courier", "Courier", 790, Slot("2026-11-23-pm", NOW, NOW))
    customer = with_link(replace(NOT_PAID, cart_id=MINE, customer=NOTED, delivery=courier, locale="de-DE"))
    page = starts_again(customer)
    assert page.title == "Kasse"
    assert page.fields.items() >= TYPED.items()
    assert page.fields["confirmation_token"] == ""
    chosen = {option["value"] for option in page.all("option") if "selected" in option.attributes}
    assert chosen == {"GB", "2026-11-23-pm"}


def test_a_delivery_time_that_is_not_on_offer_any_more_is_chosen_anew(with_link: WithLink) -> None:
    courier = Delivery("courier", "Courier", 790, Slot("2026-11-20-am", NOW, NOW))
    page = starts_again(with_link(replace(NOT_PAID, cart_id=MINE, delivery=courier)))
    assert page.fields["delivery.id"] == "courier"
    assert [option["value"] for option in page.all("option") if "selected" in option.attributes] == ["GB"]


@pytest.mark.parametrize("key", ["", "wrong"])
def test_without_the_key_of_the_order_nothing_is_filled_in(with_link: WithLink, key: str) -> None:
    customer = with_link(replace(CANCELLED, cart_id=MINE))
    page = Page(customer.browser.get(f"/checkout?again={customer.ref}&key={key}"))
    assert (page.title, page.fields["contact.email"]) == ("Checkout", "")


def test_an_order_of_another_basket_fills_nothing_in(with_link: WithLink, container: Container) -> None:
    customer = with_link(CANCELLED)
    page = Page(customer.browser.get(f"/checkout?again={customer.ref}&key={container.links.key(customer.ref)}"))
    assert (page.title, page.fields["contact.email"]) == ("Checkout", "")


def test_while_money_is_on_its_way_back_the_page_says_so_and_the_way_appears_by_itself(with_link: WithLink) -> None:
    held = a_payment(PaymentState.AUTHORIZED)
    customer = with_link(an_order(cart_id=MINE, payment=held))
    page = starts_again(customer)
    assert page.title == "We are cancelling your order"
    assert "a link to your basket appears here" in page.one("div", id="undo").text
    order = customer.order
    customer.ledger.commit(order, replace(order, payment=a_payment(PaymentState.VOIDED)), [])
    [link] = [link for link in customer.open().all("a") if link.text == "Order the same basket again"]
    assert Page(customer.browser.get(link["href"])).title == "Checkout"


def test_without_their_cart_in_the_browser_the_way_leads_to_the_basket_in_the_shop(with_link: WithLink) -> None:
    customer = with_link(CANCELLED)
    [link] = [link for link in customer.open().all("a") if link.text == "Order the same basket again"]
    assert link["href"] == "http://shop.example"


@pytest.mark.parametrize("token", ["", "nonsense", signed(a_cart(exp=int(NOW.timestamp()) - 86_400))])
def test_the_link_to_order_an_expired_basket_again_leads_to_the_shop(with_link: WithLink, token: str) -> None:
    customer = with_link(replace(CANCELLED, cart_id=MINE))
    customer.browser.set_cookie("fallback_cart", token, path="/")
    [link] = [link for link in customer.open().all("a") if link.text == "Order the same basket again"]
    assert link["href"] == "http://shop.example"


def test_cancelling_without_starting_again_stays_on_the_orders_page(with_link: WithLink) -> None:
    customer = with_link(replace(NOT_PAID, cart_id=MINE))
    assert customer.press("/cancellation").title == "Your order is cancelled"
