// An order's page in the console: it reports that it is open, and shows other viewers and new events.
// Its forms keep the version that the agent opened: an action on an older version shows what came between.

const BEAT = 4000;

const order = document.getElementById("order");
const parts = () => document.querySelectorAll("[data-live]");
const { version, seen } = order.dataset;

let timer = setTimeout(beat, BEAT);
let typed = false;

async function beat() {
  clearTimeout(timer);
  try {
    const body = new URLSearchParams({ fence: order.dataset.fence });
    // That somebody types is told, never what.
    if (typed) body.set("typing", "1");
    typed = false;
    const answer = await fetch(order.dataset.presence, { method: "POST", body });
    if (answer.ok) {
      const { state } = await answer.json();
      if (state !== order.dataset.state) await renew();
    }
  } catch {
    // The connection failed for a moment; the next report tries again.
  }
  timer = setTimeout(beat, BEAT);
}

async function renew() {
  const answer = await fetch(order.dataset.page);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.getElementById("order");
  if (!now) return;
  let left = false;
  for (const part of parts()) {
    const fresh = page.getElementById(part.id);
    fresh?.querySelectorAll("[name=seen]").forEach((field) => field.setAttribute("value", seen));
    if (!fresh || fresh.innerHTML === part.innerHTML) continue;
    if (part.matches(":focus-within")) left = true;
    else part.replaceChildren(...fresh.childNodes);
  }
  order.dataset.fence = now.dataset.fence;
  if (!left) order.dataset.state = now.dataset.state;
  document.getElementById("changed").hidden = now.dataset.version === version;
}

// The first key is told at once, what follows with the next report.
const answer = document.getElementById("answer");
let told = 0;
answer?.addEventListener("input", () => {
  typed = true;
  if (Date.now() - told < BEAT) return;
  told = Date.now();
  beat();
});

// A saved reply comes into the answer without a reload; without this script the page comes with it.
answer?.form.addEventListener("submit", async (event) => {
  const button = event.submitter;
  if (!button?.matches("[data-reply]")) return;
  event.preventDefault();
  const response = await fetch(button.formAction, { method: "POST", body: new URLSearchParams(new FormData(answer.form)) });
  if (!response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  answer.value = page.getElementById("answer")?.value ?? answer.value;
  answer.focus();
});

// The other forms keep their text when the claim changes.
document.getElementById("here")?.addEventListener("submit", async (event) => {
  if (!event.target.matches("[data-claim]")) return;
  event.preventDefault();
  document.activeElement.blur();
  await fetch(event.target.action, { method: "POST", redirect: "manual" });
  await renew();
});
