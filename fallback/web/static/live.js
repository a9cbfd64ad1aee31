// Updates the marked parts of a page, each by its id, without a reload.

const EVERY = 4000;

// Polls while the page is visible, until `look` returns false.
export function repeat(look) {
  let timer = 0;

  async function once() {
    let goesOn = true;
    try {
      goesOn = (await look()) !== false;
    } catch {
      // The connection failed for a moment; the next poll tries again.
    }
    if (goesOn) later();
  }

  function later() {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(once, EVERY);
  }

  document.addEventListener("visibilitychange", () => { if (!document.hidden) once(); });
  later();
}

// Stops polling after a sign-out.
export const isSignedOut = (answer) => answer.redirected || answer.status === 401;

let tag = "";

export async function renew(address = location.href) {
  const answer = await fetch(address, { headers: { "If-None-Match": tag } });
  if (isSignedOut(answer)) return false;
  if (answer.status === 304) return true;
  if (!answer.ok) throw new Error(answer.statusText);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  let left = false;
  for (const part of document.querySelectorAll("[data-live]")) {
    const now = page.getElementById(part.id);
    if (!now || now.innerHTML === part.innerHTML) continue;
    // An element with keyboard focus stays where it is.
    if (part.matches(":focus-within")) left = true;
    else part.replaceChildren(...now.childNodes);
  }
  document.title = page.title;
  tag = left ? "" : answer.headers.get("ETag");
  return true;
}
