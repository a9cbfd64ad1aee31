// The cart as Fallback Checkout sells it: its claims, in minor units.
const { ContainerRegistrationKeys, Modules } = require('@medusajs/framework/utils')
const { listShippingOptionsForCartWithPricingWorkflow } = require('@medusajs/medusa/core-flows')

const FIELDS = [
  'id', 'currency_code', 'completed_at', 'item_total', 'item_tax_total', 'credit_line_total', 'region.automatic_taxes',
  'items.*', 'items.tax_lines.*', 'items.adjustments.*', 'promotions.code', 'shipping_address.*',
]

// A longer value would push other cookies out: a browser keeps 4,096 bytes, name and attributes included.
const LARGEST_COOKIE = 3900

/** The cookie's value: the signed cart, or its short form where it is large; null for what cannot be sold elsewhere. */
async function cookieOf(scope, id) {
  const { shop, cartKey, url, token: ours } = scope.resolve('fallback').options
  const { PUSH_ABOVE, push, signCart } = await import('../sign.mjs')
  const cart = await claimsOfCart(scope, id)
  const token = cart && signCart(cart, shop, cartKey)
  if (!token || token.length <= PUSH_ABOVE || !url) return token
  return push(url.replace(/\/$/, ''), id, token, ours).catch((error) => {
    scope.resolve(ContainerRegistrationKeys.LOGGER).warn(`The cart ${id} was not pushed: ${error}`)
    return token.length <= LARGEST_COOKIE ? token : null
  })
}

async function claimsOfCart(scope, id) {
  const query = scope.resolve(ContainerRegistrationKeys.QUERY)
  const { data: [cart] } = await query.graph({ entity: 'cart', fields: FIELDS, filters: { id } })
  // What an account or a gift card pays cannot be spent while the shop is away.
  if (!cart?.items.length || cart.completed_at || Number(cart.credit_line_total)) return null
  const { result: options } = await listShippingOptionsForCartWithPricingWorkflow(scope).run({ input: { cart_id: id } })
  const currency = scope.resolve(Modules.CURRENCY)
  const { decimal_digits } = await currency.retrieveCurrency(cart.currency_code)
  const delivery = await Promise.all(options.slice(0, 20).map((option) => deliveryOf(scope, cart, option, decimal_digits)))
  return delivery.length ? claimsOf(cart, delivery, decimal_digits) : null
}

function claimsOf(cart, delivery, digits) {
  const included = cart.items.every((item) => item.is_tax_inclusive)
  // One token says one thing about tax: included in all prices, or added to all.
  if (!included && cart.items.some((item) => item.is_tax_inclusive)) return null
  const lines = cart.items.map((item) => ({
    sku: item.variant_sku ?? item.variant_id,
    title: item.title,
    quantity: Number(item.quantity),
    unit_price: minor(item.unit_price, digits),
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
    discounts: discount ? [{ title: title.slice(0, 200), amount: discount }] : [],
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
