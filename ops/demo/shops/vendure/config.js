// A Vendure shop as its developer has it, with the plugin of Fallback Checkout and nothing else of ours.
const { AddressBasedTaxZoneStrategy, DefaultJobQueuePlugin, DefaultLogger, LogLevel } = require('@vendure/core');
const { FallbackPlugin } = require('../../../connectors/vendure');
const { limit } = require('./limit');

const env = process.env;
exports.config = {
  apiOptions: { port: Number(env.SHOP_PORT), hostname: '127.0.0.1', adminApiPath: 'admin-api', shopApiPath: 'shop-api', middleware: limit },
  authOptions: {
    requireVerification: false,
    superadminCredentials: { identifier: 'superadmin', password: env.SHOP_ADMIN_PASSWORD || 'superadmin' },
    cookieOptions: { secret: env.SHOP_COOKIE_SECRET || 'cookie-secret-of-a-test' },
  },
  dbConnectionOptions: {
    type: 'postgres',
    url: env.SHOP_DATABASE,
    synchronize: Boolean(env.SHOP_SEED || env.SHOP_SYNCHRONIZE),
    logging: false,
  },
  // So many that stock is what runs out first.
  orderOptions: { orderItemsLimit: 20000, orderLineItemsLimit: 20000 },
  taxOptions: { taxZoneStrategy: new AddressBasedTaxZoneStrategy() },
  paymentOptions: { paymentMethodHandlers: [require('./invoice').invoice] },
  logger: new DefaultLogger({ level: LogLevel.Warn, timestamp: false }),
  plugins: [
    DefaultJobQueuePlugin.init({ pollInterval: 1000 }),
    FallbackPlugin.init({
      shop: env.SHOP_NAME,
      cartKey: JSON.parse(env.SHOP_CART_KEY || 'null'),
      url: env.SHOP_FALLBACK_URL,
      token: env.SHOP_FALLBACK_TOKEN,
      withoutAddress: ['collect'],
      asksFor: env.SHOP_ASKS_FOR?.split(' '),
    }),
  ],
};
