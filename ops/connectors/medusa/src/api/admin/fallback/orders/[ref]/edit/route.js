const { giveUp } = require('../../../../../../edits')

/** DELETE …/edit */
module.exports.DELETE = async (req, res) => res.json(await giveUp(req.scope, req.params.ref))
