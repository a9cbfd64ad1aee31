const { draft, ofRef } = require('../../../../../orders')

/** GET /admin/fallback/orders/{ref} */
module.exports.GET = async (req, res) => res.json(await ofRef(req.scope, req.params.ref))

/** PUT /admin/fallback/orders/{ref}: its order or draft, made if it is not there. 409 where its cart has another order. */
module.exports.PUT = async (req, res) => res.json(await draft(req.scope, { ...req.body, ref: req.params.ref }))
