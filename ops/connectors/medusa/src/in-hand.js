// Whether Fallback Checkout has an order for a cart: then the shop does not sell it once more.
const { ContainerRegistrationKeys, MedusaError } = require('@medusajs/framework/utils')

// A customer stands in the checkout meanwhile.
const PATIENCE_MS = 1500

/**
 * When Fallback does not answer, the shop goes on selling. That is safe: a cart has one order here (claims.js), and
 * Fallback's own is then refused, and merged into this one or placed after this one was cancelled.
 */
async function refuseIfInHand(container, cart_id) {
  const { url, token } = container.resolve('fallback').options
  if (!url) return
  const address = `${url.replace(/\/$/, '')}/v1/purchases/${encodeURIComponent(cart_id)}`
  let purchase
  try {
    const answer = await fetch(address, {
      headers: { Authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    if (answer.status === 404) return
    if (!answer.ok) throw new Error(`${answer.status}`)
    purchase = await answer.json()
  } catch (error) {
    container.resolve(ContainerRegistrationKeys.LOGGER).warn(`Fallback did not say whether it has ${cart_id}: ${error}`)
    return
  }
  if (purchase.captured) {
    const message = `This cart was ordered already (${purchase.ref}): ${purchase.order_url}`
    // Of a conflict, Medusa would not show the message.
    throw new MedusaError(MedusaError.Types.NOT_ALLOWED, message)
  }
}

module.exports = { refuseIfInHand }
