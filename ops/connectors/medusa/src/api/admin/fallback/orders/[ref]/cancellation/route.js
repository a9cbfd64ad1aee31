const { bury } = require('../../../../../../claims')
const { ofRef, removeStrays } = require('../../../../../../orders')

/** POST …/cancellation: no order comes for this ref any more. Medusa's own calls cancel the one that is there. */
module.exports.POST = async (req, res) => {
  await bury(req.scope, req.params.ref)
  await removeStrays(req.scope, req.params.ref)
  res.json(await ofRef(req.scope, req.params.ref))
}
