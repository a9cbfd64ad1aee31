// What Medusa's own order edits cannot do: take a delivery away, change a discount, and be given up without leaving one behind.
const { ContainerRegistrationKeys, MedusaError, Modules } = require('@medusajs/framework/utils')
const flows = require('@medusajs/medusa/core-flows')
const { ofRef } = require('./orders')

/**
 * The open edit gives the order this delivery instead of those that it has. Medusa's own call would add tax to its
 * price where the shop has no price in that currency.
 */
async function deliverBy(scope, ref, delivery) {
  const { order, change } = await openEdit(scope, ref)
  const orders = scope.resolve(Modules.ORDER)
  const method = { ...delivery, is_tax_inclusive: true, is_custom_amount: true, order_id: order.id, version: change.version }
  const [added] = await orders.createOrderShippingMethods([method])
  await flows.updateOrderTaxLinesWorkflow(scope).run({ input: { order_id: order.id, shipping_method_ids: [added.id] } })
  const of = { order_change_id: change.id, order_id: order.id, version: change.version, reference: 'order_shipping_method' }
  const gone = order.shipping_methods.map(({ id }) => ({ ...of, action: 'SHIPPING_REMOVE', reference_id: id }))
  const come = { ...of, action: 'SHIPPING_ADD', reference_id: added.id, amount: delivery.amount }
  await flows.createOrderChangeActionsWorkflow(scope).run({ input: [...gone, come] })
  return { order_preview: await orders.previewOrderChange(order.id) }
}

/** The open edit takes this off the order; less than nothing takes back what was taken off before. */
async function discountBy(scope, ref, { amount, reference }) {
  const { order, change } = await openEdit(scope, ref)
  const of = { order_change_id: change.id, order_id: order.id, version: change.version }
  const input = [{ ...of, action: 'CREDIT_LINE_ADD', reference, reference_id: ref, amount }]
  await flows.createOrderChangeActionsWorkflow(scope).run({ input })
  return { order_preview: await scope.resolve(Modules.ORDER).previewOrderChange(order.id) }
}

/** Medusa keeps the deliveries that an edit added, and the next edit of the order would bring them back. */
async function giveUp(scope, ref) {
  const { order, change } = await openEdit(scope, ref)
  const orders = scope.resolve(Modules.ORDER)
  const added = await orders.listOrderShippings({ order_id: order.id, version: change.version }, { select: ['id'] })
  if (added.length) await orders.deleteOrderShippings(added.map(({ id }) => id))
  await flows.cancelBeginOrderEditWorkflow(scope).run({ input: { order_id: order.id } })
  return {}
}

async function openEdit(scope, ref) {
  const { order } = await ofRef(scope, ref)
  const filters = { order_id: order?.id ?? '', change_type: 'edit', status: ['pending', 'requested'] }
  const fields = ['id', 'version']
  const { data } = await scope.resolve(ContainerRegistrationKeys.QUERY).graph({ entity: 'order_change', fields, filters })
  if (!data.length) throw new MedusaError(MedusaError.Types.NOT_FOUND, 'No edit of this order is open')
  return { order, change: data[0] }
}

module.exports = { deliverBy, discountBy, giveUp }
