// One order for each ref of Fallback Checkout, and one for each cart, whichever checkout took it.
const { randomUUID } = require('node:crypto')
const { ContainerRegistrationKeys, MedusaError } = require('@medusajs/framework/utils')

// A checkout of the shop that has made no order after this time was cut off: Medusa's own lock on a cart lasts as long.
const UNDER_WAY_MS = 2 * 60 * 1000

/** The claim of a draft that was just made. Throws if the ref has its order, was cancelled, or the cart is another's. */
function claimForRef(container, { ref, cart_id, order_id }) {
  return inTurn(container, [ref, cart_id], async (sql) => {
    const mine = await sql('fallback_claim').where({ ref }).first()
    if (mine?.cancelled) throw conflict(`${ref} was cancelled`)
    if (mine && (await isTaken(sql, mine))) throw conflict(`${ref} has its order`)
    if (mine) await sql('fallback_claim').where({ id: mine.id }).delete()
    await freeCart(sql, cart_id)
    return add(sql, { ref, cart_id, order_id })
  })
}

/** The claim of a cart that the shop's own checkout is about to sell; undefined if it has one. */
function claimForShop(container, cart_id) {
  return inTurn(container, [cart_id], async (sql) => {
    const there = await sql('fallback_claim').where({ cart_id }).first()
    if (there && !there.ref) return undefined
    await freeCart(sql, cart_id)
    return add(sql, { cart_id })
  })
}

/** From now on no order comes for this ref, and its cart is free. Answers the id of the order that is there. */
function bury(container, ref) {
  return inTurn(container, [ref], async (sql) => {
    const [there] = await sql('fallback_claim').where({ ref }).update({ cancelled: true }).returning('*')
    if (!there) await add(sql, { ref, cancelled: true })
    return there?.order_id
  })
}

function release(container, id) {
  return container.resolve(ContainerRegistrationKeys.PG_CONNECTION)('fallback_claim').where({ id }).delete()
}

/** Locks in the database, so that processes of Medusa wait for each other; the unique indexes are what counts. */
function inTurn(container, names, work) {
  return container.resolve(ContainerRegistrationKeys.PG_CONNECTION).transaction(async (sql) => {
    for (const name of names) await sql.raw('SELECT pg_advisory_xact_lock(hashtextextended(?, 0))', [`fallback ${name}`])
    return work(sql)
  })
}

async function add(sql, claim) {
  const id = `fbclaim_${randomUUID()}`
  await sql('fallback_claim').insert({ id, ...claim })
  return { id, ...claim }
}

/** A cancelled order leaves its cart to the next one. */
async function freeCart(sql, cart_id) {
  const there = await sql('fallback_claim').where({ cart_id }).first()
  if (!there) return
  if (await isTaken(sql, there)) throw conflict(`The cart ${cart_id} was ordered already`)
  await sql('fallback_claim').where({ id: there.id }).update({ cart_id: null })
}

/** Whether the claim has an order that stands, or may have one soon. Asks by the same connection: others may be in use. */
async function isTaken(sql, claim) {
  const order_id = claim.order_id ?? (claim.ref ? null : await orderOfCart(sql, claim.cart_id))
  if (!order_id) return !claim.ref && Date.now() - claim.created_at.getTime() < UNDER_WAY_MS
  return Boolean(await sql('order').where({ id: order_id, canceled_at: null, deleted_at: null }).first('id'))
}

async function orderOfCart(sql, cart_id) {
  const there = await sql('order_cart').where({ cart_id, deleted_at: null }).first('order_id')
  return there?.order_id
}

function conflict(message) {
  return new MedusaError(MedusaError.Types.CONFLICT, message)
}

module.exports = { UNDER_WAY_MS, bury, claimForRef, claimForShop, orderOfCart, release }
