// The list of orders follows what happens without being loaded again.
import { isSignedOut, renew, repeat } from "./live.js";

// Who is about to choose something moves. A pointer that only lies there keeps nothing back.
const CHOOSING = 5000;

const list = document.getElementById("orders");
let known = list.dataset.known;
let moved = 0;
list.addEventListener("pointermove", () => { moved = Date.now(); });

async function look() {
  const answer = await fetch(list.dataset.state, { headers: { Accept: "application/json" } });
  if (isSignedOut(answer)) return false;
  if (answer.ok) await follow((await answer.json()).state);
  return true;
}

async function follow(state) {
  // Nothing moves away from under a pointer or a key that is about to choose it.
  const isChosenFrom = list.matches(":focus-within") || (list.matches(":hover") && Date.now() - moved < CHOOSING);
  if (state === known || isChosenFrom) return;
  await renew();
  known = state;
}

repeat(look);
