// The list of orders follows what happens without being loaded again.
const EVERY = 4000;

const list = document.getElementById("orders");
let known = list.dataset.known;
let timer = 0;

async function look() {
  try {
    const answer = await fetch(list.dataset.state, { headers: { Accept: "application/json" } });
    // Who is signed out, or has been for a while, is not asked again and again.
    if (answer.redirected || answer.status === 401) return;
    if (answer.ok) await follow((await answer.json()).state);
  } catch {
    // The connection is away for a moment; the next look tells.
  }
  later();
}

async function follow(state) {
  // Nothing moves away from under a pointer or a key that is about to choose it.
  if (state === known || list.matches(":hover, :focus-within")) return;
  await renew();
  known = state;
}

async function renew() {
  const answer = await fetch(location.href);
  if (!answer.ok) throw new Error(answer.statusText);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const now = page.getElementById(part.id);
    if (now && now.innerHTML !== part.innerHTML) part.replaceChildren(...now.childNodes);
  }
}

function later() {
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(look, EVERY);
}

document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });

later();
