// Signs a cart for Fallback Checkout: ops/docs/reference/cart-token.md. Node 18 or newer, no dependencies.
import { createHmac, createPrivateKey, sign as signWith } from "node:crypto";

const LIFETIME_SECONDS = 24 * 3600;
const LONGEST_TITLE = 200;
const PATIENCE_MS = 3000;
/** Longer tokens are pushed: browsers drop cookies of more than 4,096 bytes, and it is not the only one. */
export const PUSH_ABOVE = 2500;

/**
 * @typedef {{kty: string, kid: string, alg: "HS256"|"ES256"|"Ed25519", k?: string, d?: string}} Key a private JWK
 * @typedef {{sku: string, title: string, quantity: number, unit_price: number, picture?: string,
 *   available?: number}} Line
 * @typedef {{cart_id: string, currency: string, lines: Line[], discounts?: {title: string, amount: number}[],
 *   tax: {included: boolean, amount: number},
 *   customer?: {id: string, email?: string, name?: string, phone?: string, addresses?: object[]},
 *   delivery: {id: string, title: string, price: number, slots?: {id: string, starts: string, ends: string}[],
 *     countries?: string[], needs_address?: boolean}[],
 *   destinations?: {countries: string[], tax: {included: boolean, amount: number}}[], asks_for?: string[]}} Cart
 */

/**
 * The token for this cart. Amounts are in minor units: 1299 is EUR 12.99.
 * @param {Cart} cart @param {string} shop the same as FALLBACK_SHOP @param {Key} key @param {Date} [now]
 * @returns {string}
 */
export function signCart(cart, shop, key, now = new Date()) {
  const iat = Math.floor(now.getTime() / 1000);
  const discounts = cart.discounts ?? [];
  const goods = sum(cart.lines.map((line) => line.quantity * line.unit_price));
  const discount = sum(discounts.map((each) => each.amount));
  const totals = (tax) => ({ goods, discount, tax: tax.amount, total: goods - discount + (tax.included ? 0 : tax.amount) });
  const destinations = cart.destinations?.map((each) => ({ ...each, totals: totals(each.tax) }));
  return signClaims({
    iss: shop,
    aud: "fallback-checkout",
    iat,
    exp: iat + LIFETIME_SECONDS,
    ...cart,
    lines: cart.lines.map(cut),
    discounts: discounts.map(cut),
    delivery: cart.delivery.map(cut),
    totals: totals(cart.tax),
    ...(destinations && { destinations }),
  }, key);
}

/**
 * A JWS in compact form (RFC 7515) of any claims.
 * @param {object} claims @param {Key} key @returns {string}
 */
export function signClaims(claims, key) {
  const header = { alg: key.alg, kid: key.kid, typ: "cart+jwt" };
  const text = [header, claims].map((part) => base64url(JSON.stringify(part))).join(".");
  return `${text}.${base64url(signature(text, key))}`;
}

/**
 * Sends the token of a large cart ahead of time.
 * @param {string} checkout its address @param {string} cartId @param {string} token
 * @param {string} shopToken FALLBACK_SHOP_TOKEN @returns {Promise<string>} what to set as the cookie, instead of the token
 */
export async function push(checkout, cartId, token, shopToken) {
  const answer = await fetch(`${checkout}/v1/carts/${encodeURIComponent(cartId)}`, {
    method: "PUT",
    headers: { Authorization: `Bearer ${shopToken}`, "Content-Type": "application/json" },
    body: JSON.stringify({ cart_token: token }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return (await answer.json()).fallback_cart;
}

function signature(text, key) {
  if (key.alg === "HS256") return createHmac("sha256", Buffer.from(key.k, "base64url")).update(text).digest();
  const secret = createPrivateKey({ key, format: "jwk" });
  if (key.alg === "Ed25519") return signWith(null, Buffer.from(text), secret);
  if (key.alg === "ES256") return signWith("sha256", Buffer.from(text), { key: secret, dsaEncoding: "ieee-p1363" });
  throw new Error(`no alg of ours: ${key.alg}`);
}

/** By characters: half of one, as `slice` of a text can leave it, makes the token unreadable. */
const cut = (titled) => ({ ...titled, title: [...titled.title].slice(0, LONGEST_TITLE).join("") });
const base64url = (data) => Buffer.from(data).toString("base64url");
const sum = (amounts) => amounts.reduce((one, other) => one + other, 0);
