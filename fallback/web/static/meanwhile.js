// A form that changes an order stays as it is while it is filled; it says when the order is no longer as it shows.
import { repeat } from "./live.js";

// Without the key only where the order stands is answered; that is enough to know, and has a tag of its own.
const note = document.getElementById("changed");

repeat(async () => {
  const answer = await fetch(note.dataset.order, { headers: { "If-None-Match": note.dataset.tag } });
  note.hidden = !answer.ok;
  return note.hidden;
});
