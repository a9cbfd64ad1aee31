"""What cannot be reached by the Tab key, or does not show that it was."""

from __future__ import annotations

from playwright.sync_api import Page

# Radio buttons of one name are one stop, a date is several; what is folded away, disabled or hidden from all is none.
STOPS = """() => {
  const all = document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']");
  const hidden = (each) => each.disabled || each.type === "hidden" || each.ariaHidden === "true";
  const seen = [...all].filter((each) => !hidden(each) && each.checkVisibility());
  const named = (each) => (each.type === "radio" ? `radio ${each.name}` : each.outerHTML.slice(0, 120));
  window.stops = new Set(seen.map(named));
  window.dim = new Set();
  document.addEventListener("focusin", ({ target }) => {
    window.stops.delete(named(target));
    const style = getComputedStyle(target);
    const shown = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    if (!shown) window.dim.add(named(target));
  });
  return seen.length + 8 * seen.filter((each) => /^date/.test(each.type)).length;
}"""


def beyond_the_keyboard(page: Page) -> list[str]:
    """Tab goes through the whole page: whoever is caught somewhere does not come to what stands after it."""
    stops: int = page.evaluate(STOPS)
    for _ in range(stops + 2):
        page.keyboard.press("Tab")
    never: list[str] = page.evaluate("() => [...window.stops]")
    dim: list[str] = page.evaluate("() => [...window.dim]")
    return [f"no way by keyboard to {each}" for each in never] + [f"focus is not shown on {each}" for each in dim]
