const { createHmac, createPrivateKey, sign } = require('node:crypto');
const { Parent, ResolveField, Resolver } = require('@nestjs/graphql');
const gql = require('graphql-tag');
const { Ctx, EntityHydrator, Logger, OrderService } = require('@vendure/core');
const { method, takes } = require('./decorated');

const COOKIE = 'fallback_cart';
const LIFETIME = 24 * 60 * 60;
// Characters: a longer token is pushed, and one above the second does not fit into a cookie.
const [LONG, TOO_LONG] = [2500, 3900];
// Seconds for an answer: nobody waits longer to see their basket.
const PATIENCE = 2;
// So many large carts are remembered as they were pushed, so that looking at a basket again pushes nothing.
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

/** The claims of an order's cart token, or null for one that cannot be sold elsewhere. Amounts in minor units. */
function claims(order, methods, included, shop, now) {
  const lines = order.lines
    .filter(line => line.quantity > 0)
    .map(line => ({
      sku: line.productVariant.sku,
      title: line.productVariant.name.slice(0, 200),
      quantity: line.quantity,
      unit_price: included ? line.unitPriceWithTax : line.unitPrice,
    }));
  const goods = lines.reduce((sum, line) => sum + line.quantity * line.unit_price, 0);
  const discount = goods - (included ? order.subTotalWithTax : order.subTotal);
  const tax = order.subTotalWithTax - order.subTotal;
  if (!lines.length || !methods.length || discount < 0) return null;
  const titles = order.discounts.map(each => each.description).join(', ').slice(0, 200);
  return {
    iss: shop,
    aud: 'fallback-checkout',
    iat: now,
    exp: now + LIFETIME,
    cart_id: order.code,
    currency: order.currencyCode,
    lines,
    discounts: discount ? [{ title: titles || 'Discount', amount: discount }] : [],
    tax: { included, amount: tax },
    delivery: methods.slice(0, 20).map(each => ({ id: each.code, title: each.name, price: each.priceWithTax })),
    totals: { goods, discount, tax, total: goods - discount + (included ? 0 : tax) },
  };
}

/** Sends large carts ahead of time, and knows what became the cookie's value instead: ops/docs/reference/cart-token.md. */
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
    constructor(orders, hydrator) {
      this.orders = orders;
      this.hydrator = hydrator;
    }

    async fallbackCart(ctx, order) {
      const value = await this.value(ctx, order);
      const { cookie } = options();
      const attributes = { path: '/', sameSite: 'lax', ...cookie };
      const response = ctx.req?.res;
      // Better no cookie than yesterday's cart.
      if (value) response?.cookie(COOKIE, value, { ...attributes, maxAge: LIFETIME * 1000 });
      else response?.clearCookie(COOKIE, attributes);
      return value;
    }

    async value(ctx, order) {
      if (order.state !== 'AddingItems' && order.state !== 'ArrangingPayment') return null;
      await this.hydrator.hydrate(ctx, order, { relations: ['lines.productVariant', 'surcharges', 'shippingLines'] });
      const methods = await this.orders.getEligibleShippingMethods(ctx, order.id);
      const given = options();
      const cart = claims(order, methods, ctx.channel.pricesIncludeTax, given.shop, Math.floor(Date.now() / 1000));
      if (!cart) return null;
      const token = signed(cart, given.cartKey);
      const short = token.length > LONG && given.url ? await pushed.shortForm(cart, token, given) : null;
      return short ?? (token.length <= TOO_LONG ? token : null);
    }
  }
  Resolver('Order')(FallbackCartResolver);
  takes(FallbackCartResolver, OrderService, EntityHydrator);
  method(FallbackCartResolver, 'fallbackCart', [ResolveField()], [Ctx(), Parent()]);
  return FallbackCartResolver;
};
Object.assign(exports, { claims, schema, signed });
