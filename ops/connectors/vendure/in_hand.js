const { Order, OrderService, TransactionalConnection, Logger } = require('@vendure/core');
const { FallbackPurchase, locked } = require('./purchase');

const PAID = ['PaymentAuthorized', 'PaymentSettled'];
// Seconds: a shop that cannot ask sells; the same purchase is then found as a rival and given way to.
const PATIENCE = 2;

/** A cart that Fallback Checkout has is not ordered again in the shop; the customer is told where their order is. */
exports.inHand = ({ url, token }) => {
  let connection, orders;
  return {
    init(injector) {
      connection = injector.get(TransactionalConnection);
      orders = injector.get(OrderService);
    },

    async onTransitionStart(from, to, { ctx, order }) {
      const buying = (from === 'AddingItems' && to === 'ArrangingPayment') || (from === 'ArrangingPayment' && PAID.includes(to));
      if (!buying || order.customFields.fallbackRef) return;
      await locked(connection, ctx, Order, { id: order.id });
      const ours = await connection.getRepository(ctx, FallbackPurchase).findOne({ where: { cart: order.code } });
      if (ours) return `This basket was ordered already, as ${ours.ref}.`;
      if (to !== 'ArrangingPayment') return;
      const held = await purchase(url, token, order.code);
      if (held) return `This basket was ordered already, as ${held.ref}: ${held.order_url}`;
    },

    /** The basket that became an order of ours is not offered to the customer again. */
    async onTransitionEnd(from, to, { ctx, order }) {
      if (!PAID.includes(to) || !HALF.includes(from) || !order.customFields.fallbackCart) return;
      const basket = await orders.findOneByCode(ctx, order.customFields.fallbackCart);
      if (basket && basket.active) await orders.transitionToState(ctx, basket.id, 'Cancelled');
    },
  };
};
const HALF = ['Draft', 'ArrangingPayment'];

async function purchase(url, token, cart) {
  if (!url) return null;
  try {
    const answer = await fetch(`${url.replace(/\/$/, '')}/v1/purchases/${encodeURIComponent(cart)}`, {
      headers: { Authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(PATIENCE * 1000),
    });
    const found = answer.ok ? await answer.json() : null;
    return found && found.captured ? found : null;
  } catch (error) {
    Logger.warn(`Fallback Checkout does not answer: ${error.message}`, 'Fallback');
    return null;
  }
}
