const { writeFileSync } = require('node:fs');
const {
  AdministratorService,
  Permission,
  RequestContextService,
  RoleService,
  TransactionalConnection,
  User,
  bootstrap,
} = require('@vendure/core');
const { populate } = require('@vendure/core/cli');
const { config } = require('./config');

const initial = {
  defaultLanguage: 'en',
  defaultZone: 'Europe',
  countries: [
    { name: 'United Kingdom', code: 'GB', zone: 'Europe' },
    { name: 'Germany', code: 'DE', zone: 'Europe' },
  ],
  taxRates: [{ name: 'Standard Tax', percentage: 19 }],
  shippingMethods: [
    { name: 'Standard', price: 495 },
    { name: 'Express', price: 995 },
  ],
  paymentMethods: [{ name: 'Invoice', handler: { code: 'invoice', arguments: [] } }],
  collections: [],
};
const products = [
  'name,slug,description,assets,facets,optionGroups,optionValues,sku,price,taxCategory,stockOnHand,trackInventory,variantAssets,variantFacets',
  'The Lighthouse Ledger,lighthouse,,,,,,BK-1,12.99,standard,9000,true,,',
  'The Sea,sea,,,,,,BK-2,24.50,standard,9000,true,,',
];
// Enough for a basket that no cookie holds.
for (let n = 3; n <= 40; n++) products.push(`Volume ${n} of the collected letters,letters-${n},,,,,,BK-${n},9.99,standard,900,true,,`);
writeFileSync(process.env.SHOP_SEED, products.join('\n'));

/** The account that ops/docs/reference/shops/vendure.md asks for, with no more permissions. */
async function addAccount(app) {
  const superadmin = await app.get(TransactionalConnection).rawConnection.getRepository(User).findOne({
    where: { identifier: 'superadmin' },
    relations: ['roles', 'roles.channels'],
  });
  const ctx = await app.get(RequestContextService).create({ apiType: 'admin', user: superadmin });
  const { ReadOrder, CreateOrder, UpdateOrder, ReadCustomer, ReadCatalog } = Permission;
  const permissions = [ReadOrder, CreateOrder, UpdateOrder, ReadCustomer, ReadCatalog];
  const role = await app.get(RoleService).create(ctx, { code: 'fallback', description: 'Fallback Checkout', permissions });
  await app.get(AdministratorService).create(ctx, {
    emailAddress: 'fallback@shop.example',
    firstName: 'Fallback',
    lastName: 'Checkout',
    password: process.env.PRIMARY_PASSWORD || 'fallback-at-the-shop',
    roleIds: [role.id],
  });
}

populate(() => bootstrap(config), initial, process.env.SHOP_SEED)
  .then(async app => {
    // In euro, with prices as customers in Europe see them.
    const { rawConnection: database } = app.get(TransactionalConnection);
    const euro = `"defaultCurrencyCode" = 'EUR', "availableCurrencyCodes" = 'EUR'`;
    await database.query(`UPDATE channel SET "pricesIncludeTax" = true, ${euro}`);
    await database.query(`UPDATE product_variant_price SET "currencyCode" = 'EUR'`);
    await addAccount(app);
    await app.close();
  })
  .then(
    () => process.exit(0),
    error => {
      console.error(error);
      process.exit(1);
    },
  );
