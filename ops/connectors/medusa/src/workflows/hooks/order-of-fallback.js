const { createOrderWorkflow } = require('@medusajs/medusa/core-flows')
const { ContainerRegistrationKeys } = require('@medusajs/framework/utils')
const { StepResponse } = require('@medusajs/framework/workflows-sdk')
const { claimForRef, release } = require('../../claims')

// Runs inside the workflow that makes the draft: a second one for the same ref or cart is undone by it.
createOrderWorkflow.hooks.orderCreated(
  async ({ order }, { container }) => {
    const query = container.resolve(ContainerRegistrationKeys.QUERY)
    const { data: [made] } = await query.graph({ entity: 'order', fields: ['id', 'metadata'], filters: { id: order.id } })
    const { fallback_ref: ref, fallback_cart: cart_id } = made.metadata ?? {}
    if (!ref) return new StepResponse(undefined)
    const claim = await claimForRef(container, { ref, cart_id, order_id: order.id })
    return new StepResponse(undefined, claim.id)
  },
  async (id, { container }) => {
    if (id) await release(container, id)
  },
)
