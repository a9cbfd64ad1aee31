// The order list by keyboard: '/' searches, 'j' and 'k' go down and up, Enter opens, '?' lists the keys.

const ROWS = "#orders .ref";

const actions = {
  "/": () => document.getElementById("find").focus(),
  j: () => move(1),
  k: () => move(-1),
  "?": () => document.getElementById("keys").showPopover(),
};

function move(step) {
  const rows = [...document.querySelectorAll(ROWS)];
  const now = rows.indexOf(document.activeElement);
  const next = now < 0 ? (step > 0 ? 0 : rows.length - 1) : now + step;
  rows[Math.min(Math.max(next, 0), rows.length - 1)]?.focus();
}

// A key that is typed into a field, or that the browser has a use for, is not ours.
const isTyped = (event) => event.target.closest("input:not([type=checkbox]), select, textarea, dialog");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyped(event) || !actions[event.key]) return;
  event.preventDefault();
  actions[event.key]();
});

document.getElementById("show-keys").hidden = false;
