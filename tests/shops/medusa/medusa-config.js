const { defineConfig } = require('@medusajs/framework/utils')

const secret = 'only-for-tests'
const cors = 'http://127.0.0.1'
module.exports = defineConfig({
  projectConfig: {
    databaseUrl: process.env.DATABASE_URL,
    databaseDriverOptions: { connection: { ssl: false } },
    http: { storeCors: cors, adminCors: cors, authCors: cors, jwtSecret: secret, cookieSecret: secret },
  },
  admin: { disable: true },
  plugins: [{ resolve: '@fallback-checkout/medusa', options: JSON.parse(process.env.FALLBACK_OPTIONS ?? '{}') }],
})
