// Stripe's card field: card details go from the browser to Stripe, the page gets a token only.
// https://docs.stripe.com/payments/finalize-payments-on-the-server

// Longer than a slow mobile connection needs, and shorter than a customer waits.
const PATIENCE = 8000;

// Opens the field in an element that templates/customer/payment/card.html made. Rejects if Stripe does not answer in time.
export async function openCard(card) {
  const { script, key, currency, charge } = card.dataset;
  const opening = card.querySelector("[data-card-opening]");
  await within(PATIENCE, load(script));
  const stripe = window.Stripe(key);
  const locale = document.documentElement.lang.slice(0, 2);
  const elements = stripe.elements({ mode: "payment", amount: Number(charge), currency, captureMethod: "manual", locale });
  const element = elements.create("payment");
  const ready = new Promise((resolve, reject) => {
    element.on("ready", resolve);
    element.on("loaderror", ({ error }) => reject(error));
  });
  element.mount(card.querySelector("[data-card-place]"));
  await within(PATIENCE, ready);
  opening.hidden = true;
  card.dataset.ready = "";

  return {
    // Throws an error with a message for the customer, or without one if the card field shows it itself.
    async token(billing) {
      const { error } = await elements.submit();
      if (error) throw new Error(error.type === "validation_error" ? "" : error.message);
      const params = { payment_method_data: { billing_details: billing } };
      const made = await stripe.createConfirmationToken({ elements, params });
      if (made.error) throw new Error(made.error.message);
      return made.confirmationToken.id;
    },
    update: (amount) => elements.update({ amount }),
  };
}

function load(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
}

function within(milliseconds, promise) {
  const late = new Promise((_, reject) => { setTimeout(() => reject(new Error("too late")), milliseconds); });
  return Promise.race([promise, late]);
}

export function say(card, message) {
  const place = card.querySelector("[data-card-error]");
  place.textContent = message;
  place.hidden = !message;
  if (message) place.scrollIntoView({ block: "nearest" });
}

// While a form is being sent, its button shows that, and a second press does nothing.
export function busy(form, is) {
  const button = form.querySelector("[data-busy]");
  button.dataset.idle ??= button.textContent;
  button.textContent = is ? button.dataset.busy : button.dataset.idle;
  button.setAttribute("aria-disabled", is);
}

export const isBusy = (form) => form.querySelector("[data-busy]").getAttribute("aria-disabled") === "true";
