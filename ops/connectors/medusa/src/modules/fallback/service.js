const { MedusaService } = require('@medusajs/framework/utils')
const Claim = require('./models/claim')

class FallbackService extends MedusaService({ FallbackClaim: Claim }) {
  constructor(container, options) {
    super(...arguments)
    this.options = options ?? {}
  }
}

module.exports = FallbackService
