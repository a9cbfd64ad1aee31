// The list of orders follows what happens without being loaded again.
import { isSignedOut, renew, repeat } from "./live.js";

const list = document.getElementById("orders");
let known = list.dataset.known;

async function look() {
  const answer = await fetch(list.dataset.state, { headers: { Accept: "application/json" } });
  if (isSignedOut(answer)) return false;
  if (answer.ok) await follow((await answer.json()).state);
  return true;
}

async function follow(state) {
  // Nothing moves away from under a pointer or a key that is about to choose it.
  if (state === known || list.matches(":hover, :focus-within")) return;
  await renew();
  known = state;
}

repeat(look);
