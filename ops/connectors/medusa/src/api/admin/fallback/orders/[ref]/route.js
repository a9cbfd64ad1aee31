const { draft, ofRef } = require('../../../../../orders')

/** GET /admin/fallback/orders/{ref} */
module.exports.GET = async (req, res) => res.json(await ofRef(req.scope, req.params.ref))

/** PUT /admin/fallback/orders/{ref}: makes the draft. 409 where the ref or the cart has an order, or the ref was cancelled. */
module.exports.PUT = async (req, res) => {
  await draft(req.scope, { ...req.body, ref: req.params.ref })
  res.json(await ofRef(req.scope, req.params.ref))
}
