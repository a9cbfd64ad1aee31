// The fields of an address follow its country: the server shows the same form for the country that was chosen, and what
// depends on it is taken from that page. Without this script a button does it.

const insist = () => document.querySelectorAll("[data-needed]").forEach((it) => { it.required = true; });

// What was typed or chosen while the answer was under way, as far as this country still has it.
function keep(it, value) {
  if (it.type === "radio" || it.type === "checkbox") it.checked ||= it.value === value;
  else if (it.type !== "select-one" || [...it.options].some((option) => option.value === value)) it.value = value;
}

async function follow(country) {
  const { form } = country;
  const answer = await fetch(country.closest("[data-again]").dataset.again, { method: "POST", body: new URLSearchParams(new FormData(form)) }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const then = page.getElementById(country.id);
  if (then?.value !== country.value || then.checked !== country.checked) return;  // another was chosen meanwhile
  const typed = new FormData(form), focused = document.activeElement.id;
  for (const old of document.querySelectorAll("[data-by-country]")) {
    const fresh = page.getElementById(old.id);
    if (!fresh || old.contains(country)) continue;
    for (const button of fresh.querySelectorAll("noscript")) button.remove();
    old.replaceWith(document.adoptNode(fresh));
    for (const it of fresh.querySelectorAll("input:not([type=hidden]), select, textarea")) {
      if (typed.has(it.name)) keep(it, typed.get(it.name));
    }
  }
  insist();
  if (document.activeElement.id !== focused) document.getElementById(focused)?.focus();
  form.dispatchEvent(new Event("country"));
}

document.addEventListener("change", ({ target }) => {
  if (target.closest("[data-again]")?.dataset.country === target.name) follow(target);
});

insist();
