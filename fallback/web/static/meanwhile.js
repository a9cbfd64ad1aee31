// A form that changes an order stays unchanged while it is filled in, and shows a note if the order has changed.
import { repeat } from "./live.js";

// Without the key the response contains only the order's status, which is enough here and has its own ETag.
const note = document.getElementById("changed");

repeat(async () => {
  const answer = await fetch(note.dataset.order, { headers: { "If-None-Match": note.dataset.tag } });
  note.hidden = !answer.ok;
  return note.hidden;
});
