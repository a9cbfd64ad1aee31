const { In, IsNull } = require('typeorm');
const { Order, OrderService, ProductVariant, TransactionalConnection, isGraphQlErrorResult } = require('@vendure/core');
const { AGREED, FallbackOrders, GONE, HALF_MADE, otherEmail } = require('./orders');
const { takes } = require('./decorated');

const [PAID, MODIFYING, MORE_TO_PAY] = ['PaymentSettled', 'Modifying', 'ArrangingAdditionalPayment'];

/** Undoes what was tried out, and carries what it came to. */
class Tried extends Error {
  constructor(result) {
    super('tried out');
    this.result = result;
  }
}

/** Refuses the whole change: its transaction is undone. */
class Refusal extends Error {
  constructor(refusal, detail) {
    super(detail);
    this.answer = { refusal, detail };
  }
}

/**
 * Changing an order of ours: one transaction, which locks the ref's row. So of two changes the one with the lower number is
 * made first or not at all, and nobody sees an order that is half changed.
 */
class FallbackChanges {
  constructor(connection, orders, ours) {
    this.connection = connection;
    this.orders = orders;
    this.ours = ours;
  }

  /** Lines, address, delivery and total where `total` is given; how the customer is reached where `contact` is. */
  async amend(ctx, input) {
    try {
      const cost = input.total == null ? null : await this.tried(ctx, input);
      return { order: await this.connection.withTransaction(ctx, inner => this.made(inner, input, cost)) };
    } catch (error) {
      if (error instanceof Refusal) return error.answer;
      throw error;
    }
  }

  /** What Vendure would make of it. A transaction of its own is undone with all of its events; one within another is not. */
  async tried(ctx, input) {
    try {
      await this.connection.withTransaction(ctx, async inner => {
        const there = await this.changeable(inner, input);
        if (isMade(there, input)) throw new Tried(null);
        throw new Tried(await this.modify(inner, there, { ...(await this.modification(inner, there, input)), dryRun: true }));
      });
    } catch (error) {
      if (error instanceof Tried) return error.result?.totalWithTax;
      throw error;
    }
  }

  async made(ctx, input, cost) {
    const there = await this.changeable(ctx, input);
    if (isMade(there, input)) return there;
    if (input.total != null) await this.change(ctx, there, input, cost);
    if (input.contact) await this.reach(ctx, there, input);
    await this.orders.updateCustomFields(ctx, there.id, { fallbackAmendment: input.number });
    return this.orders.findOne(ctx, there.id);
  }

  async changeable(ctx, { ref, number }) {
    await this.ours.claimed(ctx, ref, null);
    const there = await this.ours.withRef(ctx, ref);
    if (!there || HALF_MADE.includes(there.state)) refuse('not_found', ref);
    if (there.state === 'Cancelled') refuse('cancelled', there.code);
    if (GONE.includes(there.state)) refuse('already_shipped', there.code);
    const last = there.customFields.fallbackAmendment ?? 0;
    if (number < last) refuse('outdated', `change ${last} was made already`);
    return there;
  }

  /** The difference between what Vendure makes of it and what was agreed is a surcharge. */
  async change(ctx, there, input, cost) {
    await this.ours.lockStock(ctx, there);
    const wanted = await this.modification(ctx, there, input);
    const difference = input.total - cost;
    if (difference) wanted.surcharges = [{ description: AGREED, price: difference, priceIncludesTax: true }];
    wanted.refunds = refunds(await this.orders.getOrderPayments(ctx, there.id), there.totalWithTax - input.total);
    const { totalWithTax } = await this.modify(ctx, there, wanted);
    if (totalWithTax !== input.total) throw new Error(`${there.code} was changed by somebody else at the same moment`);
    await this.settle(ctx, there, input.reference ?? input.ref);
  }

  async modification(ctx, there, { lines, address, delivery, slot }) {
    const wanted = {
      orderId: there.id,
      ...(await this.lines(ctx, there, lines)),
      updateShippingAddress: address,
      customFields: { fallbackSlot: slot ?? null },
      // Promotions of today are not what the customer agreed to.
      options: { freezePromotions: true, recalculateShipping: false },
    };
    if ((await this.ours.delivery(ctx, there)) !== delivery) {
      const { method, detail } = await this.ours.method(ctx, there.id, delivery);
      wanted.shippingMethodIds = [method?.id ?? refuse('invalid', detail)];
    }
    return wanted;
  }

  /** A line of the same product at the same price keeps its place, with another quantity. */
  async lines(ctx, there, wanted) {
    const key = (sku, price) => `${sku} ${price}`;
    const left = new Map();
    for (const { sku, unitPrice, quantity } of wanted) {
      const same = left.get(key(sku, unitPrice));
      left.set(key(sku, unitPrice), { sku, unitPrice, quantity: quantity + (same?.quantity ?? 0) });
    }
    const adjustOrderLines = [];
    for (const line of there.lines) {
      const name = key(line.productVariant.sku, ctx.channel.pricesIncludeTax ? line.unitPriceWithTax : line.unitPrice);
      const quantity = left.get(name)?.quantity ?? 0;
      left.delete(name);
      if (quantity !== line.quantity) adjustOrderLines.push({ orderLineId: line.id, quantity });
    }
    const variants = await this.connection.getRepository(ctx, ProductVariant).find({
      where: { sku: In([...left.values()].map(line => line.sku)), deletedAt: IsNull(), channels: { id: ctx.channelId } },
    });
    const addItems = [...left.values()].map(({ sku, unitPrice, quantity }) => {
      const variant = variants.find(each => each.sku === sku) ?? refuse('invalid', `${sku}: there is no such product variant`);
      return { productVariantId: variant.id, quantity, customFields: { fallbackPrice: unitPrice } };
    });
    return { adjustOrderLines, addItems };
  }

  async modify(ctx, there, input) {
    if (there.state !== MODIFYING) await this.move(ctx, there, MODIFYING);
    const result = await this.orders.modifyOrder(ctx, { dryRun: false, ...input });
    if (result.quantityAvailable != null) refuse('out_of_stock', `${await this.named(ctx, input)}: ${result.quantityAvailable} more available`);
    return succeeded(result);
  }

  /** What a change asks more of: Vendure does not say which product it has not enough of. */
  async named(ctx, { orderId, adjustOrderLines, addItems }) {
    const { lines } = await this.orders.findOne(ctx, orderId);
    const kept = adjustOrderLines.map(({ orderLineId }) => lines.find(line => line.id === orderLineId)?.productVariant.sku);
    const ids = addItems.map(each => each.productVariantId);
    const added = await this.connection.getRepository(ctx, ProductVariant).find({ where: { id: In(ids) } });
    return [...new Set([...kept, ...added.map(variant => variant.sku)])].filter(Boolean).sort().join(', ');
  }

  /** What costs more is paid, what costs less went back, and the order stands again. */
  async settle(ctx, there, reference) {
    for (const { refunds } of await this.orders.getOrderPayments(ctx, there.id)) {
      for (const refund of refunds.filter(each => each.state === 'Pending')) {
        succeeded(await this.orders.settleRefund(ctx, { id: refund.id, transactionId: reference }));
      }
    }
    const order = await this.orders.findOne(ctx, there.id);
    const paid = (await this.orders.getOrderPayments(ctx, there.id)).reduce((sum, payment) => sum + left(payment), 0);
    if (order.totalWithTax > paid) {
      await this.move(ctx, there, MORE_TO_PAY);
      const metadata = { provider: 'stripe', ref: order.customFields.fallbackRef };
      const payment = { orderId: there.id, method: 'fallback-checkout', transactionId: reference, metadata };
      succeeded(await this.orders.addManualPaymentToOrder(ctx, payment));
    }
    await this.move(ctx, there, PAID);
  }

  /** An order stays in its account. Else its e-mail address is that of the shop's customer who has it, or a new guest. */
  async reach(ctx, there, { contact, customerId }) {
    const whose = await this.ours.customer(ctx, contact, customerId);
    if (isGraphQlErrorResult(whose)) refuse('invalid', whose.message);
    await this.orders.updateOrderCustomer(ctx, { orderId: there.id, customerId: whose.id });
    await this.orders.updateCustomFields(ctx, there.id, otherEmail(whose, contact));
    const orders = this.connection.getRepository(ctx, Order);
    const { shippingAddress } = await orders.findOneByOrFail({ id: there.id });
    await orders.update(there.id, { shippingAddress: { ...shippingAddress, phoneNumber: contact.phoneNumber ?? '' } });
  }

  async move(ctx, order, state) {
    succeeded(await this.orders.transitionToState(ctx, order.id, state));
  }
}
takes(FallbackChanges, TransactionalConnection, OrderService, FallbackOrders);

/** Without a number each change is made. */
function isMade(there, { number }) {
  return number > 0 && number === there.customFields.fallbackAmendment;
}

/** How much of each payment goes back, for an order that costs `less`. */
function refunds(payments, less) {
  return payments.flatMap(payment => {
    const amount = Math.min(less, left(payment));
    if (amount <= 0) return [];
    less -= amount;
    return [{ paymentId: payment.id, amount, reason: AGREED }];
  });
}

function left({ amount, refunds }) {
  return refunds.reduce((sum, refund) => sum - (refund.state === 'Failed' ? 0 : refund.total), amount);
}

function succeeded(result) {
  if (isGraphQlErrorResult(result)) refuse(result.errorCode.toLowerCase(), result.transitionError ?? result.message);
  return result;
}

function refuse(refusal, detail) {
  throw new Refusal(refusal, detail);
}

module.exports = { FallbackChanges };
