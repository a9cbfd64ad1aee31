// The checkout page: the payment follows the delivery, the card field opens, and contact and basket are kept, so that
// an agent can help. All else works without this script.
import { busy, isBusy, openCard, say } from "./card.js";
import "./address.js";
import "./pictures.js";

const form = document.getElementById("checkout");
const field = (name) => form.elements[name];
const card = form.querySelector("[data-card]");
let opened = null;

document.getElementById("errors")?.focus();

// --- delivery

function chooseDelivery() {
  const chosen = form.querySelector("[name='delivery.id']:checked");
  if (!chosen) return;
  if (card && chosen.dataset.charge) {
    card.dataset.charge = chosen.dataset.charge;
    opened?.then((it) => it.update(Number(chosen.dataset.charge)), () => {});
  }
  // The order is free with this delivery: no payment is asked, and no card is sent.
  const payment = document.getElementById("payment");
  if (payment) {
    payment.disabled = payment.hidden = !chosen.dataset.charge;
    document.getElementById("charged-later").hidden = payment.hidden;
  }
  // What is fetched, or comes by e-mail, needs no address.
  const address = document.getElementById("goods-address");
  if (address) address.hidden = address.disabled = "addressless" in chosen.dataset;
  for (const time of form.querySelectorAll("[name^='slot.']")) time.required = time.name === `slot.${chosen.value}`;
}

form.addEventListener("change", ({ target }) => { if (target.name === "delivery.id") chooseDelivery(); });
form.addEventListener("country", chooseDelivery);
chooseDelivery();

// --- the button

// What the law of the customer's country has it say. Without a country it says what every country accepts.
function nameButton() {
  const button = form.querySelector("[data-obliged]");
  const country = field("shipping_address.country")?.value;
  if (!button) return;
  button.dataset.obligation ??= button.textContent;
  const elsewhere = country && !button.dataset.obliged.split(" ").includes(country);
  button.dataset.idle = button.textContent = elsewhere ? button.dataset.elsewhere : button.dataset.obligation;
}

form.addEventListener("change", ({ target }) => { if (target.name === "shipping_address.country") nameButton(); });
nameButton();

// --- card

function offerCard() {
  document.getElementById("by-card").hidden = false;
  if (form.dataset.payment !== "later") document.getElementById("payment-card").checked = true;
  opened = openCard(card);
  opened.catch(withoutCard);
}

function withoutCard() {
  document.getElementById("by-card").hidden = true;
  document.getElementById("card-away").hidden = false;
  const later = document.getElementById("payment-later");
  if (later) later.checked = true;
}

const kept = document.getElementById("card-kept");
if (kept) {
  card.hidden = true;
  const other = kept.querySelector("button");
  other.addEventListener("click", () => {
    field("confirmation_token").value = "";
    kept.remove();
    card.hidden = false;
    offerCard();
  });
  // Shown only now, because the button did nothing before.
  other.hidden = false;
} else if (card) {
  offerCard();
}

const billing = () => ({
  name: field("contact.name").value,
  email: field("contact.email").value,
  phone: field("contact.phone").value || undefined,
});

// --- saving the form while it is filled in

const KEPT = ["cart_token", "invitation", "locale", "contact.email", "contact.name", "contact.phone"];
const TYPED = 1500;
const HERE = 15000;
const REFUSED = 60000;
let keeping = 0;

function keepIn(wait) {
  clearTimeout(keeping);
  keeping = document.hidden || isBusy(form) ? 0 : setTimeout(keep, wait);
}

async function keep() {
  const typed = [...new FormData(form)].filter(([name]) => KEPT.includes(name));
  if (!field("contact.email").value && !field("contact.phone").value) return;
  const answer = await fetch("/checkout/draft", { method: "POST", body: new URLSearchParams(typed) }).catch(() => null);
  keepIn(answer?.ok ? HERE : REFUSED);
}

form.addEventListener("input", ({ target }) => { if (KEPT.includes(target.name)) keepIn(TYPED); });
document.addEventListener("visibilitychange", () => keepIn(TYPED));
keepIn(TYPED);

// --- sending

form.addEventListener("submit", async (event) => {
  // A button that only shows the form again, in another language or with another address.
  if (event.submitter?.formNoValidate) return;
  if (isBusy(form)) {
    event.preventDefault();
    return;
  }
  busy(form, true);
  clearTimeout(keeping);
  if (document.getElementById("payment")?.disabled || field("payment").value !== "card" || field("confirmation_token").value) return;
  event.preventDefault();
  say(card, "");
  const it = await opened.catch(() => null);
  if (!it) {
    // The customer did not choose this: they read the note and press once more.
    busy(form, false);
    document.getElementById("card-away").focus();
    return;
  }
  try {
    field("confirmation_token").value = await it.token(billing());
    form.submit();
  } catch (error) {
    busy(form, false);
    say(card, error.message);
  }
});

// After the browser's back button the form can be used again.
window.addEventListener("pageshow", ({ persisted }) => { if (persisted) busy(form, false); });
