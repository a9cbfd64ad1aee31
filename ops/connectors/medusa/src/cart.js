// The cart as Fallback Checkout sells it: its claims, in minor units.
const { ContainerRegistrationKeys, Modules, getVariantAvailability } = require('@medusajs/framework/utils')
const { listShippingOptionsForCartWithPricingWorkflow } = require('@medusajs/medusa/core-flows')
const { customerOf } = require('./customer')
const { placesOf } = require('./places')

const FIELDS = [
  'id', 'currency_code', 'completed_at', 'item_total', 'item_tax_total', 'credit_line_total', 'sales_channel_id',
  'region.automatic_taxes', 'region.countries.iso_2', 'items.*', 'items.tax_lines.*', 'items.adjustments.*',
  'items.variant.manage_inventory', 'items.variant.allow_backorder', 'promotions.code', 'shipping_address.*',
]

// A longer value would push other cookies out: a browser keeps 4,096 bytes, name and attributes included.
const LARGEST_COOKIE = 3900
const MOST_PIECES = 9_999_999

/**
 * The cookie's value: the signed cart, or its short form where it is large or names a customer; null for what cannot be
 * sold elsewhere. `account`: whose session asks, if any.
 */
async function cookieOf(scope, id, account) {
  const { shop, cartKey, url, token: ours, asksFor } = scope.resolve('fallback').options
  const { PUSH_ABOVE, push, signCart } = await import('../sign.mjs')
  const claims = await claimsOfCart(scope, id)
  if (!claims) return null
  const cart = { ...claims, ...(asksFor && { asks_for: asksFor }) }
  const customer = await customerOf(scope, account)
  const token = signCart({ ...cart, ...(customer && { customer }) }, shop, cartKey)
  if (url && (customer || token.length > PUSH_ABOVE)) {
    try {
      return await push(url.replace(/\/$/, ''), id, token, ours)
    } catch (error) {
      scope.resolve(ContainerRegistrationKeys.LOGGER).warn(`The cart ${id} was not pushed: ${error}`)
    }
  }
  // Of the customer a cookie says no more than which account it is.
  const bare = customer ? signCart({ ...cart, customer: { id: customer.id } }, shop, cartKey) : token
  return bare.length <= LARGEST_COOKIE || !url ? bare : null
}

async function claimsOfCart(scope, id) {
  const query = scope.resolve(ContainerRegistrationKeys.QUERY)
  const { data: [cart] } = await query.graph({ entity: 'cart', fields: FIELDS, filters: { id } })
  // What an account or a gift card pays cannot be spent while the shop is away.
  if (!cart?.items.length || cart.completed_at || Number(cart.credit_line_total)) return null
  const { result: options } = await listShippingOptionsForCartWithPricingWorkflow(scope).run({ input: { cart_id: id } })
  const currency = scope.resolve(Modules.CURRENCY)
  const { decimal_digits } = await currency.retrieveCurrency(cart.currency_code)
  const places = await placesOf(query, cart, options)
  const delivery = await Promise.all(
    options
      .filter((option) => places[option.id])
      .slice(0, 20)
      .map(async (option) => ({ ...(await deliveryOf(scope, cart, option, decimal_digits)), ...places[option.id] })),
  )
  return delivery.length ? claimsOf(cart, await piecesOf(query, cart), delivery, decimal_digits) : null
}

/** By the variant: how many can be sold, where Medusa counts them. */
async function piecesOf(query, { items, sales_channel_id }) {
  const counted = items.filter(({ variant }) => variant?.manage_inventory && !variant.allow_backorder)
  if (!counted.length) return {}
  const variant_ids = [...new Set(counted.map((item) => item.variant_id))]
  const found = await getVariantAvailability(query, { variant_ids, sales_channel_id })
  const pieces = variant_ids.map((id) => [id, found[id].availability])
  return Object.fromEntries(pieces.filter(([, available]) => available != null && available <= MOST_PIECES))
}

function claimsOf(cart, pieces, delivery, digits) {
  const included = cart.items.every((item) => item.is_tax_inclusive)
  // One token says one thing about tax: included in all prices, or added to all.
  if (!included && cart.items.some((item) => item.is_tax_inclusive)) return null
  const lines = cart.items.map((item) => ({
    sku: item.variant_sku ?? item.variant_id,
    title: item.title,
    quantity: Number(item.quantity),
    unit_price: minor(item.unit_price, digits),
    ...(item.variant_id in pieces && { available: Math.max(pieces[item.variant_id], 0) }),
    ...(item.thumbnail && item.thumbnail.length <= 500 && { picture: item.thumbnail }),
  }))
  // A price of a fraction of a cent cannot be charged as it is.
  if (cart.items.some((item, at) => Math.abs(item.unit_price * 10 ** digits - lines[at].unit_price) > 1e-6)) return null
  const goods = lines.reduce((sum, line) => sum + line.quantity * line.unit_price, 0)
  const total = minor(cart.item_total, digits)
  const tax = { included, amount: minor(cart.item_tax_total, digits) }
  const discount = goods + (included ? 0 : tax.amount) - total
  if (discount < 0) return null
  const title = cart.promotions.map((promotion) => promotion.code).join(', ') || 'Discount'
  return {
    cart_id: cart.id,
    currency: cart.currency_code.toUpperCase(),
    lines,
    discounts: discount ? [{ title, amount: discount }] : [],
    tax,
    delivery,
  }
}

/** Its price is what the customer pays, with the tax that Medusa will add. */
async function deliveryOf(scope, cart, option, digits) {
  const included = option.calculated_price?.is_calculated_price_tax_inclusive
  const rate = included || !cart.region.automatic_taxes ? 0 : await taxRate(scope, cart, option)
  return { id: option.id, title: option.name, price: minor(option.amount * (1 + rate), digits) }
}

async function taxRate(scope, cart, option) {
  if (!cart.shipping_address?.country_code) return 0
  const { country_code, province, postal_code, city, address_1 } = cart.shipping_address
  const address = { country_code, province_code: province, postal_code, city, address_1 }
  const items = [{ id: option.id, shipping_option_id: option.id, unit_price: option.amount }]
  const lines = await scope.resolve(Modules.TAX).getTaxLines(items, { address })
  return lines.reduce((sum, line) => sum + line.rate / 100, 0)
}

function minor(amount, digits) {
  return Math.round(Number((Number(amount) * 10 ** digits).toFixed(6)))
}

module.exports = { cookieOf }
