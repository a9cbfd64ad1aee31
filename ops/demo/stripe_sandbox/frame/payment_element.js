"use strict";

// The ways to pay and the card fields. What is typed here leaves this frame only towards Stripe; the page around it gets tokens.
(() => {
  const BRANDS = [[/^4/, "Visa"], [/^(5[1-5]|2[2-7])/, "Mastercard"], [/^3[47]/, "Amex"], [/^6/, "Discover"]];
  const KLARNA = ["aud", "cad", "chf", "czk", "dkk", "eur", "gbp", "nok", "nzd", "pln", "ron", "sek", "usd"];
  const element = document.getElementById("element");
  const FIELDS = { card: ["number", "expiry", "cvc"], google_pay: [], klarna: ["email"] };
  const field = Object.fromEntries(Object.values(FIELDS).flat().map((id) => [id, document.getElementById(id)]));
  let port = null;
  let key = null;

  const digits = (input) => input.value.replace(/\D/g, "");
  const brand = () => (BRANDS.find(([pattern]) => pattern.test(digits(field.number))) || [null, ""])[1];

  function luhn(number) {
    const sum = [...number].reverse().reduce((total, digit, index) => {
      const value = Number(digit) * (1 + (index % 2));
      return total + (value > 9 ? value - 9 : value);
    }, 0);
    return sum % 10 === 0;
  }

  const checks = {
    number() {
      const number = digits(field.number);
      if (number.length < (brand() === "Amex" ? 15 : 16)) return ["incomplete_number", "Your card number is incomplete."];
      return luhn(number) ? null : ["invalid_number", "Your card number is invalid."];
    },
    expiry() {
      const value = digits(field.expiry);
      if (value.length < 4) return ["incomplete_expiry", "Your card's expiration date is incomplete."];
      const month = Number(value.slice(0, 2));
      const end = new Date(2000 + Number(value.slice(2)), month, 1);
      if (month < 1 || month > 12) return ["invalid_expiry_month", "Your card's expiration date is invalid."];
      return end > new Date() ? null : ["invalid_expiry_year_past", "Your card's expiration year is in the past."];
    },
    cvc() {
      const wanted = brand() === "Amex" ? 4 : 3;
      return digits(field.cvc).length === wanted
        ? null
        : ["incomplete_cvc", "Your card's security code is incomplete."];
    },
    email: () => (field.email.validity.valid ? null : ["incomplete_email", "Your email address is incomplete."]),
  };

  const problem = (name) => checks[name]();
  const method = () => element.elements.method.value;
  const asked = () => FIELDS[method()];
  const complete = () => asked().every((name) => !problem(name));
  const empty = () => asked().every((name) => !field[name].value);
  const height = () => ({ height: element.offsetHeight });

  function show(name, found) {
    document.getElementById(`${name}-error`).textContent = found ? found[1] : "";
    if (found) field[name].setAttribute("aria-invalid", "true");
    else field[name].removeAttribute("aria-invalid");
    tell("height", height());
  }

  function tell(type, details) {
    if (port) port.postMessage({ type, ...details });
  }

  function format() {
    const number = digits(field.number);
    const groups = brand() === "Amex" ? /^(\d{4})(\d{0,6})(\d{0,5}).*/ : /^(\d{4})(\d{0,4})(\d{0,4})(\d{0,7}).*/;
    rewrite(field.number, number.length > 4 ? number.replace(groups, "$1 $2 $3 $4").trim() : number);
    const expiry = digits(field.expiry).replace(/^([2-9])$/, "0$1").slice(0, 4);
    rewrite(field.expiry, expiry.length > 2 ? `${expiry.slice(0, 2)} / ${expiry.slice(2)}` : expiry);
    rewrite(field.cvc, digits(field.cvc).slice(0, 4));
    document.getElementById("brand").textContent = brand();
  }

  // The caret stays where it was among the digits, also when somebody corrects one in the middle.
  function rewrite(input, value) {
    if (input.value === value) return;
    const before = input.value.slice(0, input.selectionStart ?? 0).replace(/\D/g, "").length;
    const atEnd = input.selectionStart === input.value.length;
    input.value = value;
    if (document.activeElement !== input || atEnd) return;
    let position = 0;
    for (let seen = 0; seen < before && position < value.length; position += 1) seen += /\d/.test(value[position]);
    input.setSelectionRange(position, position);
  }

  function validate() {
    const failed = asked().map((name) => [name, problem(name)]);
    failed.forEach(([name, found]) => show(name, found));
    const first = failed.find(([, found]) => found);
    if (!first) return { method: method() };
    field[first[0]].focus();
    return { error: { type: "validation_error", code: first[1][0], message: first[1][1] } };
  }

  function flatten(value, prefix, into) {
    for (const [name, inner] of Object.entries(value)) {
      if (inner === undefined || inner === null) continue;
      const path = prefix ? `${prefix}[${name}]` : name;
      if (typeof inner === "object") flatten(inner, path, into);
      else into.append(path, String(inner));
    }
    return into;
  }

  async function call(path, params) {
    try {
      const answer = await fetch(path, { method: "POST", body: flatten({ ...params, key }, "", new URLSearchParams()) });
      const body = await answer.json();
      return answer.ok ? { result: body } : { error: body.error };
    } catch {
      const message = "We are experiencing issues connecting to our payments provider. " +
        "You have not been charged. Please check your internet connection and try again.";
      return { error: { type: "api_connection_error", message } };
    }
  }

  function methodData(billing, wallet) {
    if (wallet) return { type: "card", card: { token: wallet }, billing_details: billing };
    if (method() === "klarna") {
      const address = { country: document.getElementById("country").value, ...billing.address };
      return { type: "klarna", billing_details: { email: field.email.value, ...billing, address } };
    }
    const expiry = digits(field.expiry);
    const card = {
      number: digits(field.number),
      exp_month: expiry.slice(0, 2),
      exp_year: `20${expiry.slice(2)}`,
      cvc: digits(field.cvc),
    };
    return { type: "card", card, billing_details: billing };
  }

  const answers = {
    submit: () => validate(),
    token({ wallet, ...params }) {
      const invalid = validate();
      if (invalid.error) return invalid;
      const { payment_method_data: data = {}, ...rest } = params;
      return call("/v1/confirmation_tokens", { ...rest, payment_method_data: methodData(data.billing_details || {}, wallet) });
    },
    confirm({ id, wallet, ...params }) {
      const invalid = validate();
      if (invalid.error) return invalid;
      const { payment_method_data: data = {}, ...rest } = params;
      const given = methodData(data.billing_details || {}, wallet);
      return call(`/v1/payment_intents/${id}/confirm`, { ...rest, payment_method_data: given });
    },
    focus: () => (field[asked()[0]] || element.elements.method[0]).focus(),
    clear() {
      Object.keys(field).forEach((name) => { field[name].value = ""; show(name, null); });
      format();
    },
  };

  function changed() {
    format();
    const value = { type: method() };
    tell("change", { event: { elementType: "payment", collapsed: false, complete: complete(), empty: empty(), value } });
  }

  for (const [name, input] of Object.entries(field)) {
    input.addEventListener("input", () => {
      changed();
      if (input.getAttribute("aria-invalid")) show(name, problem(name));
    });
    input.addEventListener("blur", () => { if (input.value) show(name, problem(name)); });
  }
  element.addEventListener("change", ({ target }) => {
    if (target.name !== "method") return;
    document.querySelectorAll("[data-method]").forEach((panel) => { panel.hidden = panel.dataset.method !== method(); });
    changed();
  });
  element.addEventListener("submit", (event) => event.preventDefault());

  window.addEventListener("message", (event) => {
    if (event.source !== window.parent || !event.data || event.data.type !== "stripe-sandbox:open") return;
    key = event.data.key;
    document.getElementById("offer-klarna").hidden = !KLARNA.includes(event.data.currency);
    [port] = event.ports;
    port.onmessage = async ({ data }) => {
      const answer = await answers[data.type](data.params || {});
      port.postMessage({ type: "answer", to: data.id, answer: answer || {} });
    };
    new ResizeObserver(() => tell("height", height())).observe(element);
    tell("ready", {});
  });
})();
