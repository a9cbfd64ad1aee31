"""The pages about the law that every shop of the demo has. The texts are examples, and no legal advice."""

# By the path, which ops/demo/settings.py names to Fallback Checkout.
PAGES = {
    "/terms/": (
        "Terms and conditions",
        "<p>You buy from Harbour Books. The contract is concluded when we confirm your order.</p>"
        "<p>Prices include the tax that the law asks for. Delivery is charged as shown in the checkout.</p>",
    ),
    "/privacy/": (
        "Privacy policy",
        "<p>We use your name, address and e-mail address to deliver what you order, and to write to you about it.</p>"
        "<p>You may ask us what we keep of you, and ask us to erase it.</p>",
    ),
    "/returns/": (
        "Returns",
        "<p>You may withdraw from the contract within 14 days of the delivery, without giving a reason.</p>"
        "<p>Send the books back within 14 days of that. We refund the price and the standard delivery.</p>",
    ),
    "/imprint/": (
        "Imprint",
        "<p>Harbour Books, 1 Harbour Street, 20457 Hamburg, Germany</p><p>shop@harbour-books.example</p>",
    ),
}
