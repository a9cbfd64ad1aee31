const { EventBus, LanguageCode, LogoutEvent, PluginCommonModule, VendurePlugin } = require('@vendure/core');
const { resolvers, schema: adminSchema } = require('./admin');
const { FallbackChanges } = require('./changes');
const { cartResolver, forget, schema: shopSchema } = require('./cart');
const { FallbackClaims } = require('./claims');
const { takes } = require('./decorated');
const { inHand } = require('./in_hand');
const { FallbackOrders } = require('./orders');
const { FallbackPurchase } = require('./purchase');

const field = (name, label, more) => ({
  name,
  type: 'string',
  nullable: true,
  public: false,
  readonly: false,
  label: [{ languageCode: LanguageCode.en, value: label }],
  ...more,
});

/** A line of ours costs what its customer agreed to; every other one what the shop's own strategy says. */
class AgreedPrice {
  constructor(usual) {
    this.usual = usual;
  }

  init(injector) {
    return this.usual.init?.(injector);
  }

  destroy() {
    return this.usual.destroy?.();
  }

  calculateUnitPrice(ctx, variant, fields, order, quantity) {
    return fields?.fallbackPrice != null
      ? { price: fields.fallbackPrice, priceIncludesTax: variant.listPriceIncludesTax }
      : this.usual.calculateUnitPrice(ctx, variant, fields, order, quantity);
  }
}

class FallbackPlugin {
  /**
   * @param options `shop`: FALLBACK_SHOP. `cartKey`: the JWK that signs carts, the private side of CART_KEYS. `url` and
   * `token`: PUBLIC_URL of Fallback Checkout, and the token with which the shop asks it. `cookie`: more attributes of the
   * cart's cookie, as `domain` where the Shop API has a host of its own. `withoutAddress`: the codes of shipping methods
   * for which no address is needed, as to fetch the goods, or for files. `asksFor`: what the checkout page asks besides,
   * of 'company', 'vat_id' and 'billing_address'.
   */
  static init(options) {
    this.options = options;
    return this;
  }

  constructor(events) {
    this.events = events;
  }

  onApplicationBootstrap() {
    this.events.registerBlockingEventHandler({
      id: 'fallback-forgets-who-signs-out',
      event: LogoutEvent,
      handler: ({ ctx }) => forget(ctx, FallbackPlugin.options),
    });
  }
}
takes(FallbackPlugin, EventBus);
VendurePlugin({
  compatibility: '^3.0.0',
  imports: [PluginCommonModule],
  entities: [FallbackPurchase],
  providers: [FallbackOrders, FallbackChanges, FallbackClaims],
  adminApiExtensions: { schema: adminSchema, resolvers },
  shopApiExtensions: { schema: shopSchema, resolvers: [cartResolver(() => FallbackPlugin.options)] },
  configuration: config => {
    config.customFields.Order.push(
      field('fallbackRef', 'Fallback Checkout: reference', { unique: true }),
      field('fallbackCart', 'Fallback Checkout: basket'),
      field('fallbackSlot', 'Fallback Checkout: delivery time'),
      field('fallbackNote', 'Fallback Checkout: note', { type: 'text' }),
      field('fallbackVatId', 'Fallback Checkout: VAT id'),
      field('fallbackEmail', 'Fallback Checkout: e-mail address, if not that of the account'),
      field('fallbackAmendment', 'Fallback Checkout: number of the last change', { type: 'int' }),
      field('fallbackPayment', 'Fallback Checkout: state of the payment'),
      field('fallbackReport', 'Fallback Checkout: number of the last news of the payment', { type: 'int' }),
    );
    config.customFields.OrderLine.push(
      field('fallbackPrice', 'Fallback Checkout: agreed price', { type: 'int' }),
      field('fallbackPriceNow', 'Fallback Checkout: price when the order came', { type: 'int' }),
    );
    const { orderOptions, authOptions } = config;
    orderOptions.orderItemPriceCalculationStrategy = new AgreedPrice(orderOptions.orderItemPriceCalculationStrategy);
    orderOptions.process.push(inHand(FallbackPlugin.options));
    authOptions.tokenMethod = [...new Set([authOptions.tokenMethod, 'bearer'].flat())];
    return config;
  },
})(FallbackPlugin);

module.exports = { FallbackPlugin };
