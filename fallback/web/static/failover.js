// For a shop whose proxy cannot fail over: while one of its pages is open, this script leads the customer to the
// fallback checkout as soon as the shop does not answer. Included by the shop's page, with the customer's cart in the tag:
//   <script src="…/failover.js" defer data-checkout="/checkout/" data-probe="/" data-fallback="https://…/checkout"
//           data-cart-token="…"></script>
"use strict";

(() => {
  const { checkout, probe, fallback, cartToken } = document.currentScript.dataset;
  // A shop that takes longer to answer than this is away as far as a customer is concerned.
  const PATIENCE = 4000;
  const AWAY = [502, 503, 504];
  // At the shop's own address its proxy already leads the customer to the fallback checkout.
  if (!cartToken || new URL(fallback, location.href).origin === location.origin) return;

  const leadsToCheckout = (address) => {
    const to = new URL(address, location.href);
    return to.origin === location.origin && to.pathname.startsWith(checkout);
  };

  async function isAway() {
    try {
      const answer = await fetch(probe, { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
      return AWAY.includes(answer.status);
    } catch {
      return true;
    }
  }

  // By POST: a cart is too long for an address, and must not stand in one.
  function goToFallback() {
    const cart = Object.assign(document.createElement("input"), { type: "hidden", name: "cart_token", value: cartToken });
    const form = Object.assign(document.createElement("form"), { method: "post", action: `${fallback}/cart` });
    form.append(cart);
    document.body.append(form);
    HTMLFormElement.prototype.submit.call(form);
  }

  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[href]");
    const elsewhere = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (event.defaultPrevented || elsewhere || !link || link.target || !leadsToCheckout(link.href)) return;
    event.preventDefault();
    if (await isAway()) goToFallback();
    else location.assign(link.href);
  });

  // Nothing is sent to a shop that is away, so nobody has to guess afterwards what it took.
  let checked = null;
  document.addEventListener("submit", async (event) => {
    const { target: form, submitter } = event;
    const address = submitter?.getAttribute("formaction") ?? form.getAttribute("action") ?? "";
    if (event.defaultPrevented || form === checked || !leadsToCheckout(address)) return;
    event.preventDefault();
    if (await isAway()) return goToFallback();
    checked = form;
    form.requestSubmit(submitter);
    checked = null;
  });
})();
