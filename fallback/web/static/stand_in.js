// A page that stands in for an order's page: it is loaded again once the order itself can be shown.
import { repeat } from "./live.js";

repeat(async () => {
  const answer = await fetch(location.href);
  if (answer.ok && !(await answer.text()).includes("data-stands-in")) location.reload();
});
