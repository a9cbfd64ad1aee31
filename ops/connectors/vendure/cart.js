const { createHmac, createPrivateKey, sign } = require('node:crypto');
const { Parent, ResolveField, Resolver } = require('@nestjs/graphql');
const gql = require('graphql-tag');
const { Ctx, EntityHydrator, OrderService } = require('@vendure/core');
const { method, takes } = require('./decorated');

const COOKIE = 'fallback_cart';
const LIFETIME = 24 * 60 * 60;

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

/** @param options the plugin's; a plain token, `FallbackPlugin.options` is set when the shop starts. */
exports.cartResolver = options => {
  class FallbackCartResolver {
    constructor(orders, hydrator) {
      this.orders = orders;
      this.hydrator = hydrator;
    }

    async fallbackCart(ctx, order) {
      if (order.state !== 'AddingItems' && order.state !== 'ArrangingPayment') return null;
      await this.hydrator.hydrate(ctx, order, { relations: ['lines.productVariant', 'surcharges', 'shippingLines'] });
      const methods = await this.orders.getEligibleShippingMethods(ctx, order.id);
      const { cartKey, shop, cookie } = options();
      const cart = claims(order, methods, ctx.channel.pricesIncludeTax, shop, Math.floor(Date.now() / 1000));
      const token = cart && signed(cart, cartKey);
      const response = ctx.req && ctx.req.res;
      if (token && response) response.cookie(COOKIE, token, { path: '/', sameSite: 'lax', maxAge: LIFETIME * 1000, ...cookie });
      return token;
    }
  }
  Resolver('Order')(FallbackCartResolver);
  takes(FallbackCartResolver, OrderService, EntityHydrator);
  method(FallbackCartResolver, 'fallbackCart', [ResolveField()], [Ctx(), Parent()]);
  return FallbackCartResolver;
};
Object.assign(exports, { claims, schema, signed });
