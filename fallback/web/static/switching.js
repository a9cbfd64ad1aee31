// The button of the mode's form says what it does, and for how long the mode then stays.

const form = document.querySelector("#switching form");
const button = form.querySelector("button");

const inSentence = (text) => text[0].toLowerCase() + text.slice(1);

function write() {
  const mode = form.querySelector("[name=mode]:checked");
  const span = form.elements.until;
  if (!mode) return;
  const stays = span.value === "usual" ? mode.dataset.stays : inSentence(span.selectedOptions[0].text);
  button.textContent = `${mode.dataset.switch}: ${stays}`;
}

form.addEventListener("change", write);
write();
