// A book shop: it sells to Britain and Germany with tax in the prices, to the United States with tax added to them.
const { writeFileSync } = require('node:fs')
const { ContainerRegistrationKeys, Modules } = require('@medusajs/framework/utils')
const flows = require('@medusajs/medusa/core-flows')

const BOOKS = [
  ['BK-1', 'The Lighthouse Ledger', 12.99],
  ['BK-2', 'The Sea, the Sea', 9.5],
  ['BK-3', 'A Book of Hours', 7.1],
]
const STOCK = 5000

module.exports.default = async ({ container }) => {
  const made = async (workflow, input) => (await workflow(container).run({ input })).result
  const link = container.resolve(ContainerRegistrationKeys.LINK)
  const query = container.resolve(ContainerRegistrationKeys.QUERY)
  const [channel] = await made(flows.createSalesChannelsWorkflow, { salesChannelsData: [{ name: 'web' }] })
  const [store] = await container.resolve(Modules.STORE).listStores()
  await made(flows.updateStoresWorkflow, { selector: { id: store.id }, update: { default_sales_channel_id: channel.id } })
  const region = (name, currency_code, countries, is_tax_inclusive) => ({
    name, currency_code, countries, is_tax_inclusive, payment_providers: ['pp_system_default'],
  })
  const [europe, america] = await made(flows.createRegionsWorkflow, {
    regions: [region('Europe', 'eur', ['gb', 'de'], true), region('America', 'usd', ['us'], false)],
  })
  const euro = { attribute: 'currency_code', value: 'eur' }
  await made(flows.updatePricePreferencesWorkflow, { selector: euro, update: { is_tax_inclusive: true } })
  const rate = (rate) => ({ rate, code: `${rate}`, name: `${rate} %` })
  await made(flows.createTaxRegionsWorkflow, [
    { country_code: 'gb', provider_id: 'tp_system', default_tax_rate: rate(20) },
    { country_code: 'de', provider_id: 'tp_system', default_tax_rate: rate(7) },
    { country_code: 'us', provider_id: 'tp_system', default_tax_rate: rate(8.25) },
  ])
  const address = { city: 'Hull', country_code: 'GB', address_1: '1 Quay' }
  const [stock] = await made(flows.createStockLocationsWorkflow, { locations: [{ name: 'Store', address }] })
  const inStock = { [Modules.STOCK_LOCATION]: { stock_location_id: stock.id } }
  await link.create({ ...inStock, [Modules.FULFILLMENT]: { fulfillment_provider_id: 'manual_manual' } })
  await made(flows.linkSalesChannelsToStockLocationWorkflow, { id: stock.id, add: [channel.id] })
  const [profile] = await made(flows.createShippingProfilesWorkflow, { data: [{ name: 'Default', type: 'default' }] })
  const zones = ['gb', 'de', 'us'].map((country_code) => ({ country_code, type: 'country' }))
  const set = await container.resolve(Modules.FULFILLMENT).createFulfillmentSets({
    name: 'Delivery', type: 'shipping', service_zones: [{ name: 'All', geo_zones: zones }],
  })
  const counter = await container.resolve(Modules.FULFILLMENT).createFulfillmentSets({
    name: 'Counter', type: 'pickup', service_zones: [{ name: 'Britain', geo_zones: zones.slice(0, 1) }],
  })
  for (const { id } of [set, counter]) await link.create({ ...inStock, [Modules.FULFILLMENT]: { fulfillment_set_id: id } })
  const option = (code, name, amount, { service_zones: [zone] } = set) => ({
    name, price_type: 'flat', provider_id: 'manual_manual', service_zone_id: zone.id, shipping_profile_id: profile.id,
    type: { label: name, description: name, code },
    prices: [{ region_id: europe.id, amount }, { region_id: america.id, amount }],
    rules: [{ attribute: 'enabled_in_store', value: 'true', operator: 'eq' }, { attribute: 'is_return', value: 'false', operator: 'eq' }],
  })
  const options = [
    option('standard', 'Standard delivery', 4.95), option('courier', 'Courier', 9.9), option('collect', 'Collect', 0, counter),
  ]
  const deliveries = await made(flows.createShippingOptionsWorkflow, options)
  const prices = (amount) => [{ currency_code: 'eur', amount }, { currency_code: 'usd', amount }]
  const products = BOOKS.map(([sku, title, amount]) => ({
    title, status: 'published', shipping_profile_id: profile.id, sales_channels: [{ id: channel.id }],
    options: [{ title: 'Binding', values: ['Paper'] }],
    variants: [{ title: 'Paper', sku, options: { Binding: 'Paper' }, prices: prices(amount) }],
  }))
  await made(flows.createProductsWorkflow, { products })
  const { data: items } = await query.graph({ entity: 'inventory_item', fields: ['id'] })
  const inventory_levels = items.map(({ id }) => ({ inventory_item_id: id, location_id: stock.id, stocked_quantity: STOCK }))
  await made(flows.createInventoryLevelsWorkflow, { inventory_levels })
  const key = (type) => ({ title: type, type, created_by: '' })
  const keys = await made(flows.createApiKeysWorkflow, { api_keys: [key('publishable'), key('secret')] })
  await made(flows.linkSalesChannelsToApiKeyWorkflow, { id: keys[0].id, add: [channel.id] })
  writeFileSync(process.env.SEED, JSON.stringify({
    publishable: keys[0].token, secret: keys[1].token, stock: stock.id, europe: europe.id, america: america.id,
    deliveries: Object.fromEntries(deliveries.map(({ id, name }) => [name, id])),
  }))
}
