const {
  ConfigService,
  CountryService,
  CustomerService,
  EntityHydrator,
  OrderService,
  ProductVariantService,
  ZoneService,
} = require('@vendure/core');
const { takes } = require('./decorated');

const LIFETIME = 24 * 60 * 60;
// What the page of the token allows: ops/docs/reference/cart-token.md.
const [MOST_PIECES, MOST_ADDRESSES, MOST_OPTIONS, MOST_COUNTRIES, LONGEST_TITLE] = [9_999_999, 10, 20, 300, 200];
// Longer lists are said only where they say something: that others have another tax.
const FEW_COUNTRIES = 30;

/** What the shop knows of a basket, as the claims of its cart token. Amounts in minor units. */
class FallbackClaims {
  constructor(config, orders, hydrator, variants, customers, countries, zones) {
    Object.assign(this, { config, orders, hydrator, variants, customers, countries, zones });
  }

  /** Null for a basket that cannot be sold elsewhere. `withoutAddress`: the codes of shipping methods that need none. */
  async of(ctx, order, { shop, asksFor, withoutAddress = [] }, now) {
    await this.hydrator.hydrate(ctx, order, { relations: ['lines.productVariant', 'surcharges', 'shippingLines'] });
    const included = ctx.channel.pricesIncludeTax;
    const lines = await Promise.all(
      order.lines.filter(line => line.quantity > 0).map(line => this.line(ctx, line, included)),
    );
    const delivery = await this.delivery(ctx, order, withoutAddress);
    const goods = lines.reduce((sum, line) => sum + line.quantity * line.unit_price, 0);
    const discount = goods - (included ? order.subTotalWithTax : order.subTotal);
    const tax = order.subTotalWithTax - order.subTotal;
    if (!lines.length || !delivery.length || discount < 0) return null;
    const titles = order.discounts.map(each => each.description).join(', ');
    const customer = await this.customer(ctx);
    return {
      iss: shop,
      aud: 'fallback-checkout',
      iat: now,
      exp: now + LIFETIME,
      cart_id: order.code,
      currency: order.currencyCode,
      lines,
      discounts: discount ? [{ title: cut(titles) || 'Discount', amount: discount }] : [],
      tax: { included, amount: tax },
      delivery,
      totals: { goods, discount, tax, total: goods - discount + (included ? 0 : tax) },
      ...(customer && { customer }),
      ...(asksFor && { asks_for: asksFor }),
    };
  }

  /** With the pieces that can be sold, unless Vendure does not count them. */
  async line(ctx, { productVariant, quantity, unitPrice, unitPriceWithTax }, included) {
    const saleable = await this.variants.getSaleableStockLevel(ctx, productVariant);
    return {
      sku: productVariant.sku,
      title: cut(productVariant.name),
      quantity,
      unit_price: included ? unitPriceWithTax : unitPrice,
      ...(saleable <= MOST_PIECES && { available: Math.max(saleable, 0) }),
    };
  }

  async delivery(ctx, order, withoutAddress) {
    const methods = await this.orders.getEligibleShippingMethods(ctx, order.id);
    const places = await this.places(ctx, order);
    return methods.flatMap(({ code, name, priceWithTax }) => {
      const option = { id: code, title: cut(name), price: priceWithTax };
      if (withoutAddress.includes(code)) return [{ ...option, needs_address: false }];
      if (!places) return [option];
      return places.length ? [{ ...option, countries: places }] : [];
    }).slice(0, MOST_OPTIONS);
  }

  /** The shop's countries in which the tax of this basket holds; null: all of them, and they are too many to be said. */
  async places(ctx, order) {
    const [countries, zones] = await Promise.all([this.countries.findAllAvailable(ctx), this.zones.getAllWithMembers(ctx)]);
    const { taxZoneStrategy } = this.config.taxOptions;
    const zone = each => taxZoneStrategy.determineTaxZone(ctx, zones, ctx.channel, each);
    const here = await zone(order);
    const codes = [];
    for (const { code } of countries) {
      const there = await zone(Object.create(order, { shippingAddress: { value: { countryCode: code } } }));
      if (there?.id === here?.id && /^[A-Z]{2}$/.test(code)) codes.push(code);
    }
    const all = codes.length === countries.length;
    return all && codes.length > FEW_COUNTRIES ? null : codes.sort().slice(0, MOST_COUNTRIES);
  }

  /** Whose session it is. Nobody, if no customer of this channel is signed in. */
  async customer(ctx) {
    const known = ctx.activeUserId && (await this.customers.findOneByUserId(ctx, ctx.activeUserId));
    if (!known) return null;
    const saved = await this.customers.findAddressesByCustomerId(ctx, known.id);
    saved.sort((one, other) => other.defaultShippingAddress - one.defaultShippingAddress);
    const ids = this.config.entityOptions.entityIdStrategy ?? this.config.entityIdStrategy;
    return {
      id: String(ids.encodeId(known.id)),
      email: short(known.emailAddress, 254),
      name: short([known.firstName, known.lastName].filter(Boolean).join(' '), 120),
      phone: short(known.phoneNumber, 30),
      addresses: saved.map(savedAddress).filter(each => each.line1 && each.country).slice(0, MOST_ADDRESSES),
    };
  }
}
takes(
  FallbackClaims,
  ConfigService,
  OrderService,
  EntityHydrator,
  ProductVariantService,
  CustomerService,
  CountryService,
  ZoneService,
);

function savedAddress(address) {
  return {
    name: short(address.fullName, 120),
    line1: short(address.streetLine1, 200),
    line2: short(address.streetLine2, 200),
    city: short(address.city, 120),
    region: short(address.province, 120),
    postal_code: short(address.postalCode, 20),
    country: /^[A-Z]{2}$/.test(address.country?.code) ? address.country.code : undefined,
  };
}

/** By characters: half of one, as `slice` of a text can leave it, makes the token unreadable. */
function cut(title) {
  return [...title].slice(0, LONGEST_TITLE).join('');
}

/** A text that the token has room for, else nothing: half an address would be a wrong one. */
function short(text, longest) {
  const whole = (text ?? '').trim();
  return whole && whole.length <= longest ? whole : undefined;
}

module.exports = { FallbackClaims, LIFETIME };
