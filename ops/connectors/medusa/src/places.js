// Where the shipping options of a cart go to.

const FIELDS = ['id', 'service_zone.geo_zones.*', 'service_zone.fulfillment_set.type']
const MOST_COUNTRIES = 300

/** By the option's id: `countries`, or that it needs no address; nothing for one that goes nowhere at this cart's prices. */
async function placesOf(query, cart, options) {
  const filters = { id: options.map((option) => option.id) }
  const { data } = await query.graph({ entity: 'shipping_option', fields: FIELDS, filters })
  const sold = soldIn(cart)
  return Object.fromEntries(data.map(({ id, service_zone }) => [id, placesIn(service_zone, sold)]))
}

function placesIn({ geo_zones, fulfillment_set }, sold) {
  if (fulfillment_set?.type === 'pickup') return { needs_address: false }
  const places = geo_zones.map(placeOf).filter((place) => sold.includes(place.slice(0, 2)))
  return places.length ? { countries: [...new Set(places)].sort().slice(0, MOST_COUNTRIES) } : undefined
}

/** A country, or a part of one (ISO 3166-2). Of towns and postcodes, the token knows no more than the country. */
function placeOf({ type, country_code, province_code }) {
  const part = type === 'province' && province_code?.toUpperCase()
  return /^[A-Z]{2}-[A-Z0-9]{1,3}$/.test(part || '') ? part : country_code.toUpperCase()
}

/** Tax that is added is that of the cart's address. Where it is included, the price is that of the whole region. */
function soldIn({ items, region, shipping_address }) {
  const added = items.some((item) => !item.is_tax_inclusive)
  const only = added && shipping_address?.country_code
  return (only ? [only] : region.countries.map((country) => country.iso_2)).map((code) => code.toUpperCase())
}

module.exports = { placesOf }
