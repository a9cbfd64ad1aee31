const { deliverBy } = require('../../../../../../../edits')

/** PUT …/edit/delivery */
module.exports.PUT = async (req, res) => res.json(await deliverBy(req.scope, req.params.ref, req.body))
