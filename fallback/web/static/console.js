// The list of orders updates without a reload.
import { isSignedOut, renew, repeat } from "./live.js";

// Ages are in minutes.
const GROWS_OLD = 60000;
// An agent who is about to choose moves the pointer. A resting pointer does not stop the updates.
const CHOOSING = 5000;

const list = document.getElementById("orders");
let known = list.dataset.known;
let moved = 0;
let renewed = Date.now();
list.addEventListener("pointermove", () => { moved = Date.now(); });

async function look() {
  const answer = await fetch(list.dataset.state, { headers: { Accept: "application/json" } });
  if (isSignedOut(answer)) return false;
  if (answer.ok) await follow((await answer.json()).state);
  return true;
}

async function follow(state) {
  // Rows do not move while a pointer or a key is about to choose one.
  const isChosenFrom = list.matches(":focus-within") || (list.matches(":hover") && Date.now() - moved < CHOOSING);
  // Boxes that are ticked would be empty again.
  if (isChosenFrom || list.querySelector(":checked") || (state === known && Date.now() - renewed < GROWS_OLD)) return;
  await renew();
  known = state;
  renewed = Date.now();
}

repeat(look);
