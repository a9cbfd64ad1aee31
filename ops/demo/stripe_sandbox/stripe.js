/*
 * A small Stripe.js: the calls that a checkout page makes, in the shapes of the real one
 * (docs.stripe.com/js: elements without an intent, Payment Element, createConfirmationToken, handleNextAction).
 * Card details are typed into a frame of the sandbox and never reach the page around it.
 */
"use strict";

(() => {
  const ORIGIN = new URL(document.currentScript.src).origin;
  const CONNECTION =
    "We are experiencing issues connecting to our payments provider. You have not been charged. " +
    "Please check your internet connection and try again.";

  class IntegrationError extends Error {
    constructor(message) {
      super(message);
      this.name = "IntegrationError";
    }
  }

  function need(condition, message) {
    if (!condition) throw new IntegrationError(message);
  }

  const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

  function snaked(value) {
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [snake(name), snaked(inner)]));
  }

  class PaymentElement {
    constructor(key, currency) {
      this.key = key;
      this.currency = currency;
      this.wallet = null;
      this.frame = null;
      this.port = null;
      this.handlers = {};
      this.waiting = new Map();
      this.next = 1;
      this.opened = new Promise((resolve) => { this.open = resolve; });
    }

    mount(target) {
      const place = typeof target === "string" ? document.querySelector(target) : target;
      need(place, `The selector you specified (${target}) applies to no DOM elements that are currently on the page.`);
      need(!this.frame, "This Element has already been mounted.");
      this.frame = document.createElement("iframe");
      this.frame.title = "Secure payment input frame";
      this.frame.allow = "payment *";
      this.frame.src = `${ORIGIN}/v3/payment_element`;
      Object.assign(this.frame.style, { border: "0", display: "block", width: "100%", height: "170px" });
      this.frame.addEventListener("load", () => this.connect());
      this.frame.addEventListener("error", () => this.failed());
      place.replaceChildren(this.frame);
    }

    connect() {
      const { port1, port2 } = new MessageChannel();
      this.port = port1;
      port1.onmessage = ({ data }) => this.receive(data);
      this.frame.contentWindow.postMessage({ type: "stripe-sandbox:open", key: this.key, currency: this.currency }, ORIGIN, [port2]);
      this.late = window.setTimeout(() => this.failed(), 10000);
    }

    failed() {
      this.emit("loaderror", { elementType: "payment", error: { type: "api_connection_error", message: CONNECTION } });
    }

    receive(data) {
      if (data.type === "height") this.frame.style.height = `${data.height}px`;
      if (data.type === "change") this.emit("change", data.event);
      if (data.type === "ready") {
        window.clearTimeout(this.late);
        this.open();
        this.emit("ready", { elementType: "payment" });
      }
      if (data.type === "answer") {
        this.waiting.get(data.to)(data.answer);
        this.waiting.delete(data.to);
      }
    }

    async ask(type, params) {
      need(this.frame, "This Element must be mounted before it can be used.");
      await this.opened;
      return new Promise((resolve) => {
        const id = this.next++;
        this.waiting.set(id, resolve);
        this.port.postMessage({ type, id, params });
      });
    }

    on(name, handler) {
      (this.handlers[name] ||= []).push(handler);
      return this;
    }

    emit(name, event) {
      (this.handlers[name] || []).forEach((handler) => handler(event));
    }

    focus() { this.ask("focus"); }
    clear() { this.ask("clear"); }
    update() {}

    unmount() {
      if (this.frame) this.frame.remove();
      this.frame = null;
    }

    destroy() { this.unmount(); }
  }

  class Elements {
    constructor(key, options) {
      need(!("paymentMethodTypes" in options), "`paymentMethodTypes` is gone; use `allowedPaymentMethodTypes`.");
      if (!options.clientSecret) {
        need(["payment", "setup", "subscription"].includes(options.mode), "`mode` must be payment, setup or subscription.");
        need(options.mode === "setup" || options.amount > 0, "`amount` must be a positive number of minor units.");
        need(/^[a-z]{3}$/.test(options.currency || ""), "`currency` must be a lowercase three-letter code.");
      }
      this.key = key;
      this.options = options;
      this.element = null;
    }

    create(type) {
      need(type === "payment", `A valid Element name must be provided. The sandbox has 'payment'; you passed: ${type}.`);
      need(!this.element, "Can only create one Element of type payment.");
      this.element = new PaymentElement(this.key, this.options.currency);
      return this.element;
    }

    getElement(type) { return type === "payment" ? this.element : null; }
    update(options) { Object.assign(this.options, options); }

    async submit() {
      need(this.element, "elements.submit() needs a mounted Payment Element.");
      const { error, method } = await this.element.ask("submit");
      if (error) return { error };
      this.element.wallet = method === "google_pay" ? await googlePay(this.options) : null;
      if (method === "google_pay" && !this.element.wallet) {
        return { error: { type: "validation_error", message: "The payment with Google Pay was cancelled." } };
      }
      return { selectedPaymentMethod: method };
    }
  }

  class StripeClient {
    constructor(key) {
      need(typeof key === "string" && key.startsWith("pk_"), "Please call Stripe() with your publishable key.");
      this.key = key;
    }

    elements(options = {}) { return new Elements(this.key, options); }

    async createConfirmationToken({ elements, params = {} }) {
      need(elements && elements.element, "createConfirmationToken needs `elements` with a mounted Payment Element.");
      const wallet = elements.element.wallet || undefined;
      const { result, error } = await elements.element.ask("token", { ...snaked(params), wallet });
      return error ? { error } : { confirmationToken: result };
    }

    async confirmPayment({ elements, clientSecret, confirmParams = {}, redirect = "always" }) {
      const secret = clientSecret || (elements && elements.options.clientSecret);
      need(secret, "confirmPayment needs a `clientSecret`.");
      need(confirmParams.return_url || redirect === "if_required", "`confirmParams.return_url` is required.");
      const id = secret.split("_secret_")[0];
      const params = { ...snaked(confirmParams), id, client_secret: secret, use_stripe_sdk: true };
      const { result, error } = params.confirmation_token
        ? await this.post(`/v1/payment_intents/${id}/confirm`, { ...params, id: undefined })
        : await elements.element.ask("confirm", { ...params, wallet: elements.element.wallet || undefined });
      if (error) return { error };
      const outcome = result.status === "requires_action" ? await this.act(result, secret) : { paymentIntent: result };
      if (outcome.error || redirect === "if_required") return outcome;
      const back = new URL(confirmParams.return_url);
      back.searchParams.set("payment_intent", id);
      back.searchParams.set("payment_intent_client_secret", secret);
      back.searchParams.set("redirect_status", "succeeded");
      window.location.assign(back);
      return new Promise(() => {});
    }

    async handleNextAction({ clientSecret }) {
      const { paymentIntent, error } = await this.retrievePaymentIntent(clientSecret);
      if (error) return { error };
      need(
        paymentIntent.status === "requires_action",
        `handleNextAction: The PaymentIntent supplied is not in the requires_action state (${paymentIntent.status}).`,
      );
      return this.act(paymentIntent, clientSecret);
    }

    async act(intent, clientSecret) {
      const action = intent.next_action;
      if (action.type === "redirect_to_url") {
        window.location.assign(action.redirect_to_url.url);
        return new Promise(() => {});
      }
      await challenge(action.use_stripe_sdk.stripe_js);
      const { paymentIntent, error } = await this.retrievePaymentIntent(clientSecret);
      if (error) return { error };
      if (paymentIntent.status !== "requires_payment_method") return { paymentIntent };
      return { error: { ...paymentIntent.last_payment_error, payment_intent: paymentIntent } };
    }

    async retrievePaymentIntent(clientSecret) {
      const query = new URLSearchParams({ key: this.key, client_secret: clientSecret });
      const { result, error } = await this.call(`/v1/payment_intents/${clientSecret.split("_secret_")[0]}?${query}`);
      return error ? { error } : { paymentIntent: result };
    }

    post(path, params) {
      const given = Object.entries({ ...params, key: this.key }).filter(([, value]) => value !== undefined);
      return this.call(path, { method: "POST", body: new URLSearchParams(given.map(([name, value]) => [name, `${value}`])) });
    }

    async call(path, options) {
      try {
        const answer = await fetch(ORIGIN + path, options);
        const body = await answer.json();
        return answer.ok ? { result: body } : { error: body.error };
      } catch {
        return { error: { type: "api_connection_error", message: CONNECTION } };
      }
    }
  }

  // The wallet's own window, as on a desktop. It answers with a token for the chosen card, or is closed: null.
  function googlePay({ amount, currency }) {
    const query = new URLSearchParams({ amount, currency });
    const opened = window.open(`${ORIGIN}/google_pay?${query}`, "_blank", "popup,width=420,height=600");
    if (!opened) return null;
    return new Promise((resolve) => {
      const heard = (event) => {
        if (event.source === opened && event.origin === ORIGIN && event.data.type === "wallet") end(event.data.token);
      };
      const watch = window.setInterval(() => { if (opened.closed) end(null); }, 300);
      const end = (token) => {
        window.clearInterval(watch);
        window.removeEventListener("message", heard);
        resolve(token || null);
      };
      window.addEventListener("message", heard);
    });
  }

  // The bank's page in a dialog over the shop's page; ends when the bank says so or the customer closes it.
  function challenge(url) {
    const dialog = document.createElement("dialog");
    const frame = document.createElement("iframe");
    const close = document.createElement("button");
    dialog.setAttribute("aria-label", "Your bank");
    Object.assign(dialog.style, { width: "min(30rem, 94vw)", height: "min(34rem, 90vh)", padding: "0", border: "0" });
    Object.assign(frame.style, { width: "100%", height: "100%", border: "0", display: "block" });
    Object.assign(close.style, { position: "absolute", top: "8px", right: "8px", minWidth: "44px", minHeight: "44px" });
    frame.title = "Your bank";
    frame.src = url;
    close.type = "button";
    close.textContent = "×";
    close.setAttribute("aria-label", "Close");
    dialog.append(frame, close);
    document.body.append(dialog);
    dialog.showModal();
    return new Promise((resolve) => {
      const heard = (event) => {
        if (event.source === frame.contentWindow && event.origin === ORIGIN && event.data.type === "authenticated") {
          dialog.close();
        }
      };
      window.addEventListener("message", heard);
      close.addEventListener("click", () => dialog.close());
      dialog.addEventListener("close", () => {
        window.removeEventListener("message", heard);
        dialog.remove();
        resolve();
      });
    });
  }

  window.Stripe = (key) => new StripeClient(key);
  window.Stripe.version = "sandbox";
})();
