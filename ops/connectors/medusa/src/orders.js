// Orders as Fallback Checkout reads and makes them.
const { ContainerRegistrationKeys, MedusaError, QueryContext } = require('@medusajs/framework/utils')
const { createOrderWorkflow, deleteDraftOrdersWorkflow, getOrdersListWorkflow } = require('@medusajs/medusa/core-flows')
const { UNDER_WAY_MS, orderOfCart } = require('./claims')
const { accountOf } = require('./customer')

const FIELDS = [
  'id', 'display_id', 'status', 'is_draft_order', 'created_at', 'email', 'currency_code', 'metadata', 'total',
  'payment_status', 'fulfillment_status', 'cart_link.cart_id', 'items.*', 'shipping_methods.*', 'shipping_address.*',
  'credit_lines.*', 'payment_collections.*', 'payment_collections.payments.*', 'payment_collections.payments.refunds.*',
  'fulfillments.*',
]
const LARGEST_PAGE = 50
const DRAFT = { status: 'draft', is_draft_order: true }

/** The order of a ref, a draft too, and whether the ref was cancelled. */
async function ofRef(scope, ref) {
  const claim = await claims(scope).where({ ref }).first()
  const [order] = claim?.order_id ? await list(scope, { id: claim.order_id }) : []
  return { order: order ?? null, cancelled: claim?.cancelled ?? false }
}

/** Oldest first. Medusa's own list knows no carts, and no e-mail addresses in another letter case. */
async function since(scope, { since, cart_id, email, after = 0, limit = LARGEST_PAGE }) {
  const take = Math.min(Number(limit), LARGEST_PAGE)
  const filters = { is_draft_order: false, display_id: { $gt: Number(after) } }
  if (since) filters.created_at = { $gte: since }
  if (cart_id || email) {
    const ids = cart_id ? await claims(scope).where({ cart_id }).whereNotNull('order_id').pluck('order_id') : []
    const own = cart_id && (await orderOfCart(scope.resolve(ContainerRegistrationKeys.PG_CONNECTION), cart_id))
    filters.$or = [{ id: own ? [...ids, own] : ids }]
    if (email) filters.$or.push({ email: { $ilike: email.replace(/[\\%_]/g, '\\$&') } })
  }
  const orders = await list(scope, filters, take)
  return { orders, next: orders.length === take ? orders.at(-1).display_id : null }
}

/**
 * The draft of a ref, made unless the ref has its order already. `input`: of Medusa's own workflow, its items by their
 * `sku`. Region, channel and customer are those of the cart that was ordered; `customer_id`, the account that was signed
 * in then, goes before.
 */
async function draft(scope, { ref, cart_id, customer_id, ...input }) {
  const there = await ofRef(scope, ref)
  if (there.order || there.cancelled) return there
  await removeStrays(scope, ref)
  const query = scope.resolve(ContainerRegistrationKeys.QUERY)
  const fields = ['region_id', 'sales_channel_id', 'customer_id']
  const { data: [cart] } = await query.graph({ entity: 'cart', fields, filters: { id: cart_id } })
  const where = { ...(cart ?? { region_id: await regionFor(query, input) }) }
  if (customer_id && (await accountOf(scope, customer_id))) where.customer_id = customer_id
  const metadata = { ...input.metadata, fallback_ref: ref, fallback_cart: cart_id }
  const items = await withVariants(query, input, where.region_id)
  const make = () =>
    createOrderWorkflow(scope).run({ input: { ...structuredClone({ ...input, items }), ...where, metadata, ...DRAFT } })
  // Medusa adds the customer of a new e-mail address: of two orders at once, one finds that the other has done so.
  await make().catch((error) => (/already exists/.test(error.message) ? make() : Promise.reject(error)))
  return ofRef(scope, ref)
}

/** Drafts of this ref that were made by a process which was killed before the plugin's part of the workflow. */
async function removeStrays(scope, ref) {
  const order_ids = await scope
    .resolve(ContainerRegistrationKeys.PG_CONNECTION)('order')
    .where({ is_draft_order: true, deleted_at: null })
    .whereRaw("metadata->>'fallback_ref' = ?", [ref])
    .where('created_at', '<', new Date(Date.now() - UNDER_WAY_MS))
    .whereNotExists((sql) => sql.from('fallback_claim').whereRaw('order_id = "order".id'))
    .pluck('id')
  if (order_ids.length) await deleteDraftOrdersWorkflow(scope).run({ input: { order_ids } })
}

/** By their SKUs; with what a piece costs here today, where that is another price than the agreed one. */
async function withVariants(query, { items, currency_code }, region_id) {
  const { data } = await query.graph({
    entity: 'variant',
    fields: ['id', 'sku', 'calculated_price.*'],
    filters: { sku: items.map((item) => item.sku) },
    context: { calculated_price: QueryContext({ currency_code, region_id }) },
  })
  return items.map(({ sku, ...item }) => {
    const variant = data.find((each) => each.sku === sku)
    if (!variant) throw new MedusaError(MedusaError.Types.INVALID_DATA, `No product has the SKU ${sku}`)
    const { calculated_amount: now, is_calculated_price_tax_inclusive: included } = variant.calculated_price ?? {}
    const another = now != null && included === item.is_tax_inclusive && Number(now) !== Number(item.unit_price)
    return { ...item, variant_id: variant.id, metadata: another ? { fallback_price_now: String(now) } : {} }
  })
}

/** Where nothing is sent anywhere, the currency decides alone. */
async function regionFor(query, { currency_code, shipping_address }) {
  const { country_code } = shipping_address ?? {}
  const { data } = await query.graph({ entity: 'region', fields: ['id', 'countries.iso_2'], filters: { currency_code } })
  const sellsTo = (countries) => !country_code || countries.some((country) => country.iso_2 === country_code)
  const region = data.find((each) => sellsTo(each.countries))
  if (!region) throw new MedusaError(MedusaError.Types.INVALID_DATA, `No region sells to ${country_code ?? 'anyone'} in ${currency_code}`)
  return region.id
}

function claims(scope) {
  return scope.resolve(ContainerRegistrationKeys.PG_CONNECTION)('fallback_claim')
}

async function list(scope, filters, take = 1) {
  const variables = { filters, skip: 0, take, order: { display_id: 'ASC' } }
  const { result } = await getOrdersListWorkflow(scope).run({ input: { fields: FIELDS, variables } })
  return result.rows
}

module.exports = { draft, ofRef, removeStrays, since }
