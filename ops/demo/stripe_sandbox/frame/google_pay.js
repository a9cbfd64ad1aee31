"use strict";

// Stripe.js on the shop's page opened this window and waits for its answer, which is why that page must let its
// windows talk to it (Cross-Origin-Opener-Policy). Without an opener nothing is said, and the customer has not paid.
for (const button of document.querySelectorAll("[data-token]")) {
  button.addEventListener("click", () => {
    const { token } = button.dataset;
    if (window.opener) window.opener.postMessage({ source: "stripe-sandbox", type: "wallet", token }, "*");
    window.close();
  });
}
