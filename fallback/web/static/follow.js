// A page that follows what happens by itself. Its forms stay as they are: what is typed there is not lost.
import { renew, repeat } from "./live.js";

// Where a form was refused, the page has another address than the one that shows how it stands.
const again = document.getElementById("again");

repeat(() => renew(again?.href));
