// The order's page: it follows what happens without being loaded again, and opens the card field.
import { busy, isBusy, openCard, say } from "./card.js";
import "./pictures.js";

const SOON = 2000;
// With the time that an answer takes, nothing that is seen is older than ten seconds; also of an order that has ended.
const LATEST = 8000;

const order = document.getElementById("order");
const parts = () => document.querySelectorAll("[data-live]");
// What the server sent last, by part: a part that did not change is left alone, and with it a card being typed.
const sent = new Map();
for (const part of parts()) sent.set(part.id, part.innerHTML);

// --- following

let wait = SOON;
let timer = 0;
let tag = `"${order.dataset.tag}"`;

async function look() {
  // While an agent has the order open too, each soon sees what the other does.
  wait = Math.min(wait * 1.3, document.querySelector("#here > p") ? 2 * SOON : LATEST);
  try {
    const address = `${order.dataset.page}&silence=${Math.ceil(wait / 1000)}`;
    const answer = await fetch(address, { headers: { "If-None-Match": tag } });
    if (answer.ok) {
      renew(await answer.text());
      tag = answer.headers.get("ETag");
      wait = SOON;
    }
  } catch {
    // The connection is away for a moment; the next look tells.
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
  const words = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  for (const time of document.querySelectorAll("time")) time.textContent = words.format(new Date(time.dateTime));
}

openPayment();
localTimes();
later();
