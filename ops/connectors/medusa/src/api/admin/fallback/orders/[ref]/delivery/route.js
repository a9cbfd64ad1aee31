const { ContainerRegistrationKeys, MedusaError, Modules } = require('@medusajs/framework/utils')
const { createOrderChangeActionsWorkflow, updateOrderTaxLinesWorkflow } = require('@medusajs/medusa/core-flows')
const { ofRef } = require('../../../../../../orders')

/**
 * PUT …/delivery: the open edit gives the order this delivery instead of those that it has. Medusa's own edits add a
 * delivery and take none away, and add tax to its price where the shop has no price in that currency.
 */
module.exports.PUT = async (req, res) => {
  const { order } = await ofRef(req.scope, req.params.ref)
  const query = req.scope.resolve(ContainerRegistrationKeys.QUERY)
  const filters = { order_id: order?.id ?? '', change_type: 'edit', status: ['pending', 'requested'] }
  const { data: [change] } = await query.graph({ entity: 'order_change', fields: ['id', 'version'], filters })
  if (!change) throw new MedusaError(MedusaError.Types.NOT_FOUND, 'No edit of this order is open')
  const method = { ...req.body, is_tax_inclusive: true, is_custom_amount: true, order_id: order.id, version: change.version }
  const [added] = await req.scope.resolve(Modules.ORDER).createOrderShippingMethods([method])
  await updateOrderTaxLinesWorkflow(req.scope).run({ input: { order_id: order.id, shipping_method_ids: [added.id] } })
  const of = { order_change_id: change.id, order_id: order.id, version: change.version, reference: 'order_shipping_method' }
  const gone = order.shipping_methods.map(({ id }) => ({ ...of, action: 'SHIPPING_REMOVE', reference_id: id }))
  const come = { ...of, action: 'SHIPPING_ADD', reference_id: added.id, amount: req.body.amount }
  await createOrderChangeActionsWorkflow(req.scope).run({ input: [...gone, come] })
  res.json({ order_preview: await req.scope.resolve(Modules.ORDER).previewOrderChange(order.id) })
}
