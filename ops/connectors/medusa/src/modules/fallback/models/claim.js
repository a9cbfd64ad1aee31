const { model } = require('@medusajs/framework/utils')

// Who has a cart: an order of Fallback Checkout (`ref`), or the shop's own checkout (no `ref`).
// The database refuses a second row with the same `ref` or the same `cart_id`, whoever is first.
// `cart_id` is null once another order may have the cart; `cancelled`: no order may come for this ref any more.
module.exports = model
  .define('fallback_claim', {
    id: model.id({ prefix: 'fbclaim' }).primaryKey(),
    ref: model.text().nullable(),
    cart_id: model.text().nullable(),
    order_id: model.text().nullable(),
    cancelled: model.boolean().default(false),
  })
  .indexes([
    { on: ['ref'], unique: true, where: 'deleted_at IS NULL' },
    { on: ['cart_id'], unique: true, where: 'deleted_at IS NULL' },
    { on: ['order_id'] },
  ])
