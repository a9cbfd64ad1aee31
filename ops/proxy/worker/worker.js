// The proxy in front of the shop where that is Cloudflare: the same rules as nginx.conf, with the same tests.
//
// A Worker on the route of the shop, such as shop.example/*; `fetch` of the shop's own address leads to the shop.
// Its settings (wrangler.toml, and `wrangler secret put PROXY_TOKEN`):
//   FALLBACK         address of fallback, such as https://fallback.shop.example; its host is in TRUSTED_HOSTS
//   PROXY_TOKEN      the value of FALLBACK_PROXY_TOKEN: proves to fallback that this proxy sent the customer
//   PRIMARY_TIMEOUT  how long the shop may take to answer before it counts as failed (10s)
//   SHARE            percentage of customers who check out with fallback in standby while it allows that (0)
// For a shop with other paths, change what is marked (shop).

// Cloudflare answers 520 to 530 for a shop that it does not reach.
const UNREACHABLE = [502, 504, 520, 521, 522, 523, 524, 525, 526, 530];
const FAILED = [503, ...UNREACHABLE];
const OUR_PATIENCE = 30_000;
const MODE_PATIENCE = 500;
// Milliseconds that what fallback said of its mode is taken as it is, and until when it is still good while asked anew.
const FRESH = 1_000;
const STALE = 2_000;
// A smaller body is sent on when all of it is here: a slow sender holds no thread of the shop or of fallback.
const SMALL_BODY = 2 * 1024 * 1024;

// What only a proxy may say, in any spelling that WSGI takes for the same.
const FORGEABLE = /^(x[-_]fallback[-_].*|x[-_]forwarded[-_].*|x[-_]real[-_]ip|forwarded)$/i;

// (shop)
const CHECKOUT = /^\/checkout(\/|$)/;
const ENTRANCE = /^\/checkout\/?$/;
const OURS = /^\/(v1|orders|webhooks|static\/fallback|status)\/|^\/(failover\.js|policy|status(\.atom)?)$/;
// The forms on our own pages. No shop has exactly these. (shop)
const OUR_FORM = /^POST \/checkout(\/cart|\/draft|\/fields)?$|^GET \/checkout\/drafts\//;

export default {
  async fetch(request, env, ctx) {
    const visit = await begin(request, env, ctx);
    // When this Worker itself fails, the shop serves; but no form is sent twice.
    if (visit.looks) ctx.passThroughOnException();
    // A customer who closes the tab right after ordering has ordered.
    const answering = answer(visit);
    ctx.waitUntil(answering);
    const response = await answering;
    log(visit, response);
    return response;
  },
};

async function begin(request, env, ctx) {
  const { method, headers: sent } = request;
  const url = new URL(request.url);
  const headers = new Headers([...sent].filter(([name]) => !FORGEABLE.test(name)));
  const address = sent.get("CF-Connecting-IP") ?? "";
  headers.set("X-Forwarded-For", address);
  headers.set("X-Forwarded-Proto", url.protocol.slice(0, -1));
  headers.set("X-Forwarded-Host", url.host);
  const looks = method === "GET" || method === "HEAD";
  const small = Number(sent.get("Content-Length") ?? Infinity) <= SMALL_BODY;
  const body = looks ? undefined : small ? await request.arrayBuffer() : request.body;
  return { method, url, headers, body, looks, address, env, ctx, reason: "" };
}

// ---- Who answers

async function answer(visit) {
  const { method, url } = visit;
  if (OURS.test(url.pathname) || OUR_FORM.test(`${method} ${url.pathname}`)) return ours(visit);
  return CHECKOUT.test(url.pathname) ? checkout(visit) : page(visit);
}

async function ours(visit) {
  const { method, url, body } = visit;
  const response = await fallback(visit, "ours", url.pathname + url.search, { method, body });
  return there(response) ? response : away();
}

async function checkout(visit) {
  const { url, method } = visit;
  const { route, share } = await mode(visit);
  if (route === "fallback") {
    // Fallback cannot read the shop's forms: a customer who sends one gets our page. Its 503 means 'busy, try again': the
    // shop, which is out of service, must not get its load.
    const response = await fallback(visit, "mode", "/checkout" + url.search);
    if (there(response)) return response;
  } else if (share === "yes" && method === "GET" && ENTRANCE.test(url.pathname) && (await picked(visit))) {
    const response = await fallback(visit, "share", "/checkout" + url.search);
    if (there(response) && response.status !== 503) return response;
  }
  const response = await shop(visit);
  if (response && !FAILED.includes(response.status)) return response;
  // A form is never sent again: the shop may have taken the order before it failed.
  return visit.looks
    ? instead(visit, "failed", "/checkout" + url.search)
    : instead(visit, "maybe_taken", "/checkout?checking=1");
}

// Any other page of the shop: fallback explains the outage, and offers the checkout to customers who have a basket.
async function page(visit) {
  const response = await shop(visit);
  if (response && !UNREACHABLE.includes(response.status)) return response;
  // A missing picture or script must not be answered with a page.
  return visit.headers.get("Accept")?.includes("text/html") ? instead(visit, "failed", "/away") : away();
}

async function instead(visit, reason, path) {
  const response = await fallback(visit, reason, path);
  return there(response) ? response : away();
}

// The same customers each time: nobody moves between two checkouts.
async function picked({ address, headers, env }) {
  const who = new TextEncoder().encode(`${address} ${headers.get("User-Agent")}`);
  const digest = await crypto.subtle.digest("SHA-256", who);
  return new DataView(digest).getUint32(0) % 100 < (parseFloat(env.SHARE) || 0);
}

// ---- The mode, asked at most once a second by each instance of this Worker. No answer in time means: the shop serves.

let known = { route: "", share: "", at: -Infinity };
let asking = false;

async function mode({ env, ctx }) {
  const age = Date.now() - known.at;
  if (age < FRESH) return known;
  if (age >= STALE) return askMode(env);
  if (!asking) ctx.waitUntil(askMode(env));
  return known;
}

async function askMode(env) {
  asking = true;
  const response = await ask(env.FALLBACK + "/v1/mode", {}, MODE_PATIENCE);
  const says = (name) => (response?.status === 200 && response.headers.get(name)) || "";
  known = { route: says("X-Fallback-Route"), share: says("X-Fallback-Share"), at: Date.now() };
  asking = false;
  await response?.body?.cancel();
  return known;
}

// ---- Requests to the two

function shop(visit) {
  const { method, url, headers, body, env } = visit;
  visit.reason = "";
  return ask(url, { method, headers, body }, (parseFloat(env.PRIMARY_TIMEOUT) || 10) * 1_000);
}

// `reason`: why fallback gets the request: 'ours', 'failed', 'maybe_taken', 'mode', 'share'.
function fallback(visit, reason, path, { method = "GET", body } = {}) {
  visit.reason = reason;
  const headers = new Headers(visit.headers);
  headers.set("X-Fallback-Reason", reason);
  headers.set("X-Fallback-Proxy", visit.env.PROXY_TOKEN);
  // A trace header from a browser is for the shop: fallback would take it for one of ours.
  headers.delete("traceparent");
  if (body === undefined) for (const name of ["Content-Length", "Content-Type"]) headers.delete(name);
  return ask(visit.env.FALLBACK + path, { method, headers, body }, OUR_PATIENCE);
}

// The answer once it begins, or null if it did not in time.
async function ask(address, request, patience) {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), patience);
  try {
    return await fetch(address, { ...request, redirect: "manual", signal: control.signal });
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

function there(response) {
  return response !== null && !UNREACHABLE.includes(response.status);
}

// Paths without their query strings, and without the end of a form's link, for the keys that these may carry.
function log({ method, url, reason }, { status }) {
  const path = url.pathname.replace(/^(\/checkout\/drafts\/|\/status\/subscription\/).*/, "$1");
  console.log(`${method} ${path} ${status} reason=${reason}`);
}

function away() {
  const headers = { "Content-Type": "text/html; charset=utf-8", "Retry-After": "10", "Cache-Control": "no-store" };
  return new Response(AWAY, { status: 503, headers });
}

const AWAY = `<!doctype html>
<html lang="en">
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<title>We will be back in a moment</title>
<style>body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 3rem auto; padding: 0 1rem }</style>
<h1>We will be back in a moment</h1>
<p>This page cannot be shown right now. Please load it again in a minute.</p>
<p>If you have just sent an order, it may have reached us: please wait for our mail before you send it again.</p>
</html>
`;
