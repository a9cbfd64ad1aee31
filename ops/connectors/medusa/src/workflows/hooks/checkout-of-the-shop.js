const { ContainerRegistrationKeys } = require('@medusajs/framework/utils')
const { completeCartWorkflow } = require('@medusajs/medusa/core-flows')
const { StepResponse } = require('@medusajs/framework/workflows-sdk')
const { claimForShop, orderOfCart, release } = require('../../claims')
const { refuseIfInHand } = require('../../in-hand')

// Before the shop authorizes a payment and makes an order of a cart of its own.
completeCartWorkflow.hooks.validate(
  async ({ cart }, { container }) => {
    const sql = container.resolve(ContainerRegistrationKeys.PG_CONNECTION)
    if (await orderOfCart(sql, cart.id)) return new StepResponse(undefined)
    await refuseIfInHand(container, cart.id)
    const claim = await claimForShop(container, cart.id)
    return new StepResponse(undefined, claim?.id)
  },
  async (id, { container }) => {
    if (id) await release(container, id)
  },
)
