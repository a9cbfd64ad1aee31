// A page that updates itself. Its forms stay unchanged, so that no text is lost.
import { renew, repeat } from "./live.js";

// After a refused form, the URL of the page is not the one that shows the status.
const again = document.getElementById("again");

repeat(() => renew(again?.href));
