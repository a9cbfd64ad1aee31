// Whoever is signed in, as the claim `customer` of the cart token.
const { ContainerRegistrationKeys } = require('@medusajs/framework/utils')

const FIELDS = ['id', 'has_account', 'email', 'first_name', 'last_name', 'phone', 'addresses.*']
const MOST_ADDRESSES = 10

/** The account of the session that asks; undefined where nobody is signed in. */
function signedIn(req) {
  const { actor_type, actor_id } = req.auth_context ?? {}
  return actor_type === 'customer' ? actor_id : undefined
}

async function customerOf(scope, id) {
  const who = id && (await accountOf(scope, id))
  if (!who) return null
  const saved = [...who.addresses].sort((one, other) => other.is_default_shipping - one.is_default_shipping)
  return {
    id: who.id,
    email: short(who.email, 254),
    name: short(nameOf(who), 120),
    phone: short(who.phone, 30),
    addresses: saved.map(savedAddress).filter((each) => each.line1 && each.country).slice(0, MOST_ADDRESSES),
  }
}

/** Null for a guest, and for an account that is no more. */
async function accountOf(scope, id) {
  const query = scope.resolve(ContainerRegistrationKeys.QUERY)
  const { data: [who] } = await query.graph({ entity: 'customer', fields: FIELDS, filters: { id } })
  return who?.has_account ? who : null
}

function savedAddress(address) {
  const country = address.country_code?.toUpperCase()
  return {
    name: short(nameOf(address), 120),
    line1: short(address.address_1, 200),
    line2: short(address.address_2, 200),
    city: short(address.city, 120),
    region: short(address.province, 120),
    postal_code: short(address.postal_code, 20),
    country: /^[A-Z]{2}$/.test(country) ? country : undefined,
  }
}

function nameOf({ first_name, last_name }) {
  return [first_name, last_name].filter(Boolean).join(' ')
}

/** A text that the token has room for, else nothing: half an address would be a wrong one. */
function short(text, longest) {
  const whole = (text ?? '').trim()
  return whole && whole.length <= longest ? whole : undefined
}

module.exports = { accountOf, customerOf, signedIn }
