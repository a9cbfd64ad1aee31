const { discountBy } = require('../../../../../../../edits')

/** PUT …/edit/discount */
module.exports.PUT = async (req, res) => res.json(await discountBy(req.scope, req.params.ref, req.body))
