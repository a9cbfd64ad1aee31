// For a shop whose proxy cannot fail over: while one of its pages is open, this script leads the customer to the
// fallback checkout when the mode is active or the shop does not answer. While fallback itself does not answer, everybody
// stays at the shop. Included by the shop's page, with the customer's cart in the tag:
//   <script src="…/failover.js" defer data-checkout="/checkout/" data-probe="/" data-fallback="https://…/checkout"
//           data-cart-token="…"></script>
"use strict";

(() => {
  const { checkout, probe, fallback, cartToken } = document.currentScript.dataset;
  // A shop that needs longer counts as down for a customer.
  const PATIENCE = 4000;
  // If fallback needs longer, the customer stays at the shop.
  const MODE_PATIENCE = 1000;
  // 520 to 530: Cloudflare does not reach the shop.
  const isFailure = (status) => (status >= 502 && status <= 504) || (status >= 520 && status <= 530);
  // At the shop's own address its proxy already leads the customer to the fallback checkout.
  if (!cartToken || new URL(fallback, location.href).origin === location.origin) return;

  const leadsToCheckout = (address) => {
    const to = new URL(address, location.href);
    return to.origin === location.origin && to.pathname.startsWith(checkout);
  };

  async function isAway() {
    try {
      const answer = await fetch(probe, { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
      return isFailure(answer.status);
    } catch {
      return true;
    }
  }

  // Which system serves the checkout now, "fallback" or "primary"; null: fallback does not answer.
  async function askMode(patience) {
    try {
      const answer = await fetch(new URL("/v1/mode", fallback), { credentials: "omit", signal: AbortSignal.timeout(patience) });
      return answer.ok ? (await answer.json()).serves : null;
    } catch {
      return null;
    }
  }

  async function leadsToFallback() {
    const away = isAway();
    const serves = await askMode(MODE_PATIENCE);
    if (serves === "fallback") return true;
    return (await away) && (serves ?? (await askMode(PATIENCE))) !== null;
  }

  // By POST: a cart is too long for a URL, and must not be in one.
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
    if (await leadsToFallback()) goToFallback();
    else location.assign(link.href);
  });

  // Nothing is sent to a shop that is down while fallback can take the order, so no order is in doubt afterwards.
  let checked = null;
  document.addEventListener("submit", async (event) => {
    const { target: form, submitter } = event;
    const address = submitter?.getAttribute("formaction") ?? form.getAttribute("action") ?? "";
    if (event.defaultPrevented || form === checked || !leadsToCheckout(address)) return;
    event.preventDefault();
    if (await leadsToFallback()) return goToFallback();
    checked = form;
    form.requestSubmit(submitter);
    checked = null;
  });
})();
