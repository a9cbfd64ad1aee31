// A rate limit as shops have one, for each client of the Admin API: so many calls in ten seconds as the file SHOP_LIMIT
// says, none while there is no such file. Beside it stands a line for each call that was refused: until when.
const { appendFileSync, existsSync, readFileSync } = require('node:fs')
const { defineMiddlewares } = require('@medusajs/framework/http')
const { rateLimit } = require('express-rate-limit')

const file = process.env.SHOP_LIMIT
const limited = file && rateLimit({
  windowMs: 10_000,
  limit: () => Number(readFileSync(file, 'utf8')),
  skip: () => !existsSync(file),
  standardHeaders: 'draft-7',
  handler: (request, response, _, { statusCode, message }) => {
    appendFileSync(`${file}.refused`, `${request.rateLimit.resetTime.getTime()}\n`)
    response.status(statusCode).send(message)
  },
})
module.exports.default = defineMiddlewares({
  routes: limited ? [{ matcher: '/admin*', middlewares: [limited] }] : [],
})
