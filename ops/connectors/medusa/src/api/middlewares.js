const { defineMiddlewares } = require('@medusajs/framework/http')
const { ContainerRegistrationKeys } = require('@medusajs/framework/utils')
const { cookieOf } = require('../cart')
const { signedIn } = require('../customer')

const COOKIE = 'fallback_cart'
const LIFETIME_MS = 24 * 3600 * 1000

/** Every answer with a cart brings its token: the browser keeps it for the day on which this shop does not answer. */
function bringToken(req, res, next) {
  const send = res.json.bind(res)
  res.json = (body) => {
    const id = body?.cart?.id
    if (!id) return send(body)
    cookieOf(req.scope, id, signedIn(req))
      .then((value) => setCookie(req, res, value))
      .catch((error) => req.scope.resolve(ContainerRegistrationKeys.LOGGER).warn(`No cart token for ${id}: ${error}`))
      .finally(() => send(body))
    return res
  }
  next()
}

function setCookie(req, res, value) {
  const cookie = { path: '/', sameSite: 'lax', ...req.scope.resolve('fallback').options.cookie }
  if (value) res.cookie(COOKIE, value, { maxAge: LIFETIME_MS, ...cookie })
  else res.clearCookie(COOKIE, cookie)
}

/** Who signs out leaves no name behind in the browser. */
function forget(req, res, next) {
  setCookie(req, res, null)
  next()
}

module.exports.default = defineMiddlewares({
  routes: [
    { matcher: '/store/carts*', middlewares: [bringToken] },
    { method: ['DELETE'], matcher: '/auth/session', middlewares: [forget] },
  ],
})
