const { createHmac, createPrivateKey, sign } = require('node:crypto');
const { Parent, ResolveField, Resolver } = require('@nestjs/graphql');
const gql = require('graphql-tag');
const { Ctx, Logger } = require('@vendure/core');
const { FallbackClaims, LIFETIME } = require('./claims');
const { method, takes } = require('./decorated');

const COOKIE = 'fallback_cart';
// Characters: a longer token is pushed, and one above the second does not fit into a cookie.
const [LONG, TOO_LONG] = [2500, 3900];
// Seconds for an answer: nobody waits longer to see their basket.
const PATIENCE = 2;
// So many carts are remembered as they were pushed, so that looking at a basket again pushes nothing.
const REMEMBERED = 1000;

const schema = gql`
  extend type Order {
    "The cart, signed for Fallback Checkout. Asking for it also sets it as the cookie 'fallback_cart'."
    fallbackCart: String
  }
`;

/** A JWS (RFC 7515) with HS256, ES256 or Ed25519, by the key's `alg`. */
function signed(claims, key) {
  const part = value => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: key.alg, kid: key.kid, typ: 'cart+jwt' })}.${part(claims)}`;
  const signature =
    key.alg === 'HS256'
      ? createHmac('sha256', Buffer.from(key.k, 'base64url')).update(text).digest()
      : sign(key.alg === 'ES256' ? 'sha256' : null, Buffer.from(text), {
          key: createPrivateKey({ key, format: 'jwk' }),
          dsaEncoding: 'ieee-p1363',
        });
  return `${text}.${signature.toString('base64url')}`;
}

/** Sends carts ahead of time, and knows what became the cookie's value instead: ops/docs/reference/cart-token.md. */
class Pushed {
  constructor() {
    this.known = new Map();
  }

  async shortForm(cart, token, { url, token: shopToken }) {
    const { iat, exp, ...content } = cart;
    const [name, text] = [cart.cart_id, JSON.stringify(content)];
    const before = this.known.get(name);
    if (before?.text === text && iat < before.iat + LIFETIME / 2) return before.value;
    const value = await push(cart.cart_id, token, url, shopToken);
    if (value) {
      this.known.delete(name);
      this.known.set(name, { text, iat, value });
      if (this.known.size > REMEMBERED) this.known.delete(this.known.keys().next().value);
    }
    return value;
  }
}

async function push(cartId, token, url, shopToken) {
  try {
    const answer = await fetch(`${url.replace(/\/$/, '')}/v1/carts/${encodeURIComponent(cartId)}`, {
      method: 'PUT',
      headers: { Authorization: `Bearer ${shopToken}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ cart_token: token }),
      signal: AbortSignal.timeout(PATIENCE * 1000),
    });
    if (answer.ok) return (await answer.json()).fallback_cart;
    Logger.warn(`Fallback Checkout answers ${answer.status} to a pushed cart`, 'Fallback');
  } catch (error) {
    Logger.warn(`Fallback Checkout does not answer: ${error.message}`, 'Fallback');
  }
  return null;
}

/** @param options gives the plugin's options, which are set before the shop starts */
exports.cartResolver = options => {
  const pushed = new Pushed();
  class FallbackCartResolver {
    constructor(claims) {
      this.claims = claims;
    }

    async fallbackCart(ctx, order) {
      const value = await this.value(ctx, order);
      // Better no cookie than yesterday's cart.
      if (value) ctx.req?.res?.cookie(COOKIE, value, { ...attributes(options()), maxAge: LIFETIME * 1000 });
      else forget(ctx, options());
      return value;
    }

    async value(ctx, order) {
      if (order.state !== 'AddingItems' && order.state !== 'ArrangingPayment') return null;
      const given = options();
      const cart = await this.claims.of(ctx, order, given, Math.floor(Date.now() / 1000));
      if (!cart) return null;
      const token = signed(cart, given.cartKey);
      const ahead = token.length > LONG || cart.customer;
      const short = ahead && given.url ? await pushed.shortForm(cart, token, given) : null;
      if (short) return short;
      // Of the customer a cookie says no more than which account it is.
      const bare = cart.customer ? signed({ ...cart, customer: { id: cart.customer.id } }, given.cartKey) : token;
      return bare.length <= TOO_LONG ? bare : null;
    }
  }
  Resolver('Order')(FallbackCartResolver);
  takes(FallbackCartResolver, FallbackClaims);
  method(FallbackCartResolver, 'fallbackCart', [ResolveField()], [Ctx(), Parent()]);
  return FallbackCartResolver;
};

function attributes({ cookie }) {
  return { path: '/', sameSite: 'lax', ...cookie };
}

/** The browser no longer has the cart, nor the name of whoever was signed in. */
function forget(ctx, given) {
  ctx.req?.res?.clearCookie(COOKIE, attributes(given));
}

Object.assign(exports, { forget, schema });
