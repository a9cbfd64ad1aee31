const { since } = require('../../../../orders')

/** GET /admin/fallback/orders?since=&cart_id=&email=&after=&limit= */
module.exports.GET = async (req, res) => res.json(await since(req.scope, req.query))
