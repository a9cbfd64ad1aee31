// The order's page: updates itself without a reload, and opens the card field.
import { busy, isBusy, openCard, say } from "./card.js";
import "./pictures.js";

const SOON = 2000;
// Including the response time, the page is never older than ten seconds, even for an order that has ended.
const LATEST = 8000;

const order = document.getElementById("order");
const parts = () => document.querySelectorAll("[data-live]");
// The last content of each part: an unchanged part is not replaced, so that a card being typed is not lost.
const sent = new Map();
for (const part of parts()) sent.set(part.id, part.innerHTML);

// --- updates

let wait = SOON;
let timer = 0;
let typed = false;
let tag = `"${order.dataset.tag}"`;

async function look() {
  // Polls faster while an agent has the order open, too.
  wait = Math.min(wait * 1.3, document.querySelector("#here > p") ? 2 * SOON : LATEST);
  try {
    // That the customer types is told, never what.
    const address = `${order.dataset.page}&silence=${Math.ceil(wait / 1000)}${typed ? "&typing=1" : ""}`;
    typed = false;
    const answer = await fetch(address, { headers: { "If-None-Match": tag } });
    if (answer.ok) {
      renew(await answer.text());
      tag = answer.headers.get("ETag");
      wait = SOON;
    }
  } catch {
    // The connection failed for a moment; the next poll tries again.
  }
  later();
}

function later() {
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(look, wait);
}

function renew(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  for (const part of parts()) {
    const now = page.getElementById(part.id);
    if (!now || now.innerHTML === sent.get(part.id)) continue;
    sent.set(part.id, now.innerHTML);
    part.replaceChildren(...now.childNodes);
  }
  document.title = page.title;
  openPayment();
  localTimes();
}

document.addEventListener("visibilitychange", () => {
  wait = SOON;
  if (document.hidden) clearTimeout(timer);
  else look();
});

// The first key is told at once, what follows with the next report.
document.getElementById("question")?.addEventListener("input", () => {
  typed = true;
  if (wait <= SOON) return;
  wait = SOON;
  clearTimeout(timer);
  look();
});

// --- paying

function openPayment() {
  const form = document.getElementById("pay");
  if (!form || !form.hidden) return;
  form.hidden = false;
  const card = form.querySelector("[data-card]");
  const opened = openCard(card);
  opened.catch(() => {
    form.hidden = true;
    form.parentElement.querySelector("#card-away").hidden = false;
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isBusy(form)) return;
    busy(form, true);
    say(card, "");
    try {
      form.elements.confirmation_token.value = await (await opened).token({});
      form.submit();
    } catch (error) {
      busy(form, false);
      say(card, error.message);
    }
  });
}

// --- times

function localTimes() {
  // The server writes these digits in every language too.
  const options = {
    year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", numberingSystem: "latn",
  };
  const words = new Intl.DateTimeFormat(document.documentElement.lang, options);
  for (const time of document.querySelectorAll("time")) time.textContent = words.format(new Date(time.dateTime));
}

openPayment();
localTimes();
later();
