const { In, IsNull } = require('typeorm');
const {
  Customer,
  CustomerService,
  Order,
  OrderCalculator,
  OrderService,
  ProductVariant,
  ProductVariantService,
  ShippingMethod,
  StockLevel,
  Surcharge,
  TransactionalConnection,
  isGraphQlErrorResult,
} = require('@vendure/core');
const { FallbackPurchase, locked, locking } = require('./purchase');
const { takes } = require('./decorated');

/** The states of an order that is not one yet: it is no one's purchase, and may be finished or removed. */
const HALF_MADE = ['Created', 'Draft', 'AddingItems', 'ArrangingPayment'];
const GONE = ['PartiallyShipped', 'Shipped', 'PartiallyDelivered', 'Delivered'];
const AGREED = 'Agreed with the customer';

/** What the Admin API has no call for: each method is one transaction, decided by the rows that it locks. */
class FallbackOrders {
  constructor(connection, orders, variants, calculator, customers) {
    this.connection = connection;
    this.orders = orders;
    this.variants = variants;
    this.calculator = calculator;
    this.customers = customers;
  }

  /** The order with this ref, half-made or placed; if there is none, a draft with its lines. */
  async draft(ctx, input) {
    const purchase = await this.claimed(ctx, input.ref, input.cart);
    if (purchase.withdrawn) return { refusal: 'cancelled' };
    const rival = await this.rival(ctx, input.ref, input.cart);
    if (rival) return { refusal: 'cart_already_ordered', order: rival };
    await this.connection.getRepository(ctx, FallbackPurchase).update(purchase.id, { cart: input.cart });
    const there = await this.withRef(ctx, input.ref);
    if (there && !HALF_MADE.includes(there.state)) return { order: there };
    if (there && hasLines(there, input.lines)) return { order: await this.named(ctx, there.id, input) };
    if (there) await this.remove(ctx, there);
    return this.begun(ctx, input);
  }

  async begun(ctx, input) {
    const { lines } = input;
    const variants = await this.connection.getRepository(ctx, ProductVariant).find({
      where: { sku: In(lines.map(line => line.sku)), deletedAt: IsNull(), channels: { id: ctx.channelId } },
    });
    const priced = await this.variants.findByIds(ctx, variants.map(variant => variant.id));
    const bySku = new Map(priced.map(variant => [variant.sku, variant]));
    const unknown = lines.find(line => !bySku.has(line.sku));
    if (unknown) return { refusal: 'invalid', detail: `${unknown.sku}: there is no such product variant` };
    const { id, currencyCode } = await this.orders.createDraft(ctx);
    if (currencyCode !== input.currency) return { refusal: 'invalid', detail: `the channel sells in ${currencyCode}` };
    const items = lines.map(line => ({
      productVariantId: bySku.get(line.sku).id,
      quantity: line.quantity,
      customFields: { fallbackPrice: line.unitPrice, fallbackPriceNow: priceNow(ctx, bySku.get(line.sku)) },
    }));
    const { errorResults } = await this.orders.addItemsToOrder(ctx, id, items);
    if (errorResults.length) {
      const missing = await this.outOfStock(ctx, lines.map(line => [bySku.get(line.sku), line.quantity]));
      return missing ? { refusal: 'out_of_stock', detail: missing } : { refusal: 'invalid', detail: errorResults[0].message };
    }
    return { order: await this.named(ctx, id, input) };
  }

  async named(ctx, id, { ref, cart, slot, note, vatId }) {
    await this.orders.updateCustomFields(ctx, id, {
      fallbackRef: ref,
      fallbackCart: cart,
      fallbackSlot: slot ?? null,
      fallbackNote: note ?? null,
      fallbackVatId: vatId ?? null,
    });
    return this.orders.findOne(ctx, id);
  }

  /** Makes the draft an order: whose, where to, at the agreed total, with its payment. An order stays as it is. */
  async place(ctx, input) {
    const { refusal, detail, order: draft } = await this.prepared(ctx, input);
    if (refusal) return { refusal, detail };
    if (!draft || !HALF_MADE.includes(draft.state)) return { order: draft };
    await this.orders.updateCustomFields(ctx, draft.id, { fallbackPayment: input.state });
    const arranged = await this.orders.transitionToState(ctx, draft.id, 'ArrangingPayment');
    if (isGraphQlErrorResult(arranged)) return { refusal: 'invalid', detail: arranged.transitionError };
    await this.lockStock(ctx, draft);
    const metadata = { provider: 'stripe', ref: input.ref };
    const payment = { orderId: draft.id, method: 'fallback-checkout', transactionId: input.reference, metadata };
    const order = await this.orders.addManualPaymentToOrder(ctx, payment);
    return isGraphQlErrorResult(order) ? { refusal: 'invalid', detail: order.message } : { order };
  }

  /** The draft with all that the order will have, but for its payment: no step of the shop's own has begun. */
  async prepared(ctx, { ref, cart, customer, customerId, address, billing, delivery, total }) {
    const purchase = await this.claimed(ctx, ref, cart);
    if (purchase.withdrawn) return { refusal: 'cancelled' };
    const draft = await this.withRef(ctx, ref);
    if (!draft || !HALF_MADE.includes(draft.state)) return { order: draft };
    const missing = await this.outOfStock(ctx, draft.lines.map(line => [line.productVariant, line.quantity]));
    if (missing) return { refusal: 'out_of_stock', detail: missing };
    const whose = await this.customer(ctx, customer, customerId);
    if (isGraphQlErrorResult(whose)) return { refusal: 'invalid', detail: whose.message };
    await this.orders.addCustomerToOrder(ctx, draft.id, whose);
    await this.orders.updateCustomFields(ctx, draft.id, otherEmail(whose, customer));
    if (address) await this.orders.setShippingAddress(ctx, draft.id, address);
    if (billing ?? address) await this.orders.setBillingAddress(ctx, draft.id, billing ?? address);
    const { method, detail } = await this.method(ctx, draft.id, delivery);
    if (!method) return { refusal: 'invalid', detail };
    const delivered = await this.orders.setShippingMethod(ctx, draft.id, [method.id]);
    if (isGraphQlErrorResult(delivered)) return { refusal: 'invalid', detail: delivered.message };
    await this.agree(ctx, delivered, total);
    return { order: await this.orders.findOne(ctx, draft.id) };
  }

  /** The shipping method with this code, or in words which ones there are. */
  async method(ctx, id, code) {
    const offered = await this.orders.getEligibleShippingMethods(ctx, id);
    const codes = offered.map(each => each.code).join(', ') || 'none';
    const detail = `the shop does not deliver this by '${code}', but by: ${codes}`;
    return { method: offered.find(each => each.code === code), detail };
  }

  /** What `draft` and `place` would make of it, or why not. Whoever asks undoes the transaction. */
  async quote(ctx, draft, place) {
    const begun = await this.draft(ctx, draft);
    const { refusal, detail, order } = begun.refusal ? begun : await this.prepared(ctx, place);
    if (refusal) return { refusal, detail, order };
    const [delivery, slot] = [await this.delivery(ctx, order), order.customFields.fallbackSlot];
    return { figures: { total: order.totalWithTax, currency: order.currencyCode, delivery, slot, lines: told(ctx, order) } };
  }

  /** The code of the order's shipping method. */
  async delivery(ctx, order) {
    const id = order.shippingLines.at(-1)?.shippingMethodId;
    return id ? (await this.connection.getRepository(ctx, ShippingMethod).findOneBy({ id })).code : '';
  }

  /** Orders whose phone number, or their customer's, ends in the same eight digits: countries and groups do not matter. */
  async ofPhone(ctx, phone, since) {
    const digits = lastDigits(phone);
    if (!digits) return [];
    // The database sorts out nearly all: these digits in this order, whatever stands between them.
    const like = `%${[...digits].join('%')}%`;
    const found = await this.connection
      .getRepository(ctx, Order)
      .createQueryBuilder('order')
      .innerJoin('order.channels', 'channel', 'channel.id = :channel', { channel: ctx.channelId })
      .leftJoinAndSelect('order.customer', 'customer')
      .where('order.orderPlacedAt > :since', { since })
      .andWhere('(order.shippingAddress LIKE :like OR customer.phoneNumber LIKE :like)', { like })
      .getMany();
    const theirs = found.filter(({ shippingAddress, customer }) =>
      [shippingAddress?.phoneNumber, customer?.phoneNumber].some(number => lastDigits(number) === digits),
    );
    return Promise.all(theirs.map(({ id }) => this.orders.findOne(ctx, id)));
  }

  /** Vendure reads how many pieces are allocated and writes the sum: of two orders at once, one would not count. */
  async lockStock(ctx, order) {
    const levels = this.connection.getRepository(ctx, StockLevel).createQueryBuilder('level');
    const variants = order.lines.map(line => line.productVariant.id);
    // In one order for all, so that two transactions never wait for each other.
    levels.where('level.productVariantId IN (:...variants)', { variants }).orderBy('level.id');
    await locking(this.connection, levels).getMany();
  }

  /** The account that was signed in; else the shop's customer with this e-mail address in any letter case, else a guest. */
  async customer(ctx, input, account) {
    const theirs = account && (await this.customers.findOne(ctx, account));
    if (theirs) return theirs;
    const known = await this.connection
      .getRepository(ctx, Customer)
      .createQueryBuilder('customer')
      .innerJoin('customer.channels', 'channel', 'channel.id = :channel', { channel: ctx.channelId })
      .where('LOWER(customer.emailAddress) = LOWER(:email)', { email: input.emailAddress })
      .andWhere('customer.deletedAt IS NULL')
      .getOne();
    return known ?? this.customers.createOrUpdate(ctx, input, true);
  }

  /** @param wanted pairs of a variant and how many of it; the first of which there are not so many, in words */
  async outOfStock(ctx, wanted) {
    for (const [variant, quantity] of wanted) {
      const available = await this.variants.getSaleableStockLevel(ctx, variant);
      if (available < quantity) return `${variant.sku}: ${Math.max(available, 0)} available`;
    }
    return null;
  }

  /**
   * Discounts, added taxes and another delivery price become one surcharge: the total is what the customer agreed to.
   *
   * Only the sums are counted anew. Promotions and the conditions of shipping methods would see the surcharge as goods.
   */
  async agree(ctx, order, total) {
    if (order.totalWithTax === total) return;
    const [listPrice, taxed] = [total - order.totalWithTax, { listPriceIncludesTax: true, taxLines: [] }];
    const surcharge = new Surcharge({ description: AGREED, sku: '', listPrice, ...taxed, order });
    await this.connection.getRepository(ctx, Surcharge).save(surcharge);
    const whole = await this.orders.findOne(ctx, order.id);
    this.calculator.calculateOrderTotals(whole);
    await this.connection.getRepository(ctx, Order).save(whole, { reload: false });
  }

  /** Cancels what is there with this ref, and leaves a tombstone: the ref never becomes an order again. */
  async withdraw(ctx, ref) {
    const purchase = await this.claimed(ctx, ref, null);
    const there = await this.withRef(ctx, ref);
    if (there && GONE.includes(there.state)) return { refusal: 'already_shipped', order: there };
    await this.connection.getRepository(ctx, FallbackPurchase).update(purchase.id, { cart: null, withdrawn: true });
    if (!there || there.state === 'Cancelled') return { order: there };
    if (HALF_MADE.includes(there.state)) {
      await this.remove(ctx, there);
      return {};
    }
    await this.lockStock(ctx, there);
    const order = await this.orders.cancelOrder(ctx, { orderId: there.id, cancelShipping: true, reason: 'Cancelled by the customer' });
    return isGraphQlErrorResult(order) ? { refusal: 'invalid', detail: order.message, order: there } : { order };
  }

  /** The ref's row, locked until the transaction ends, so that its calls come one after the other. */
  async claimed(ctx, ref, cart) {
    const rows = this.connection.getRepository(ctx, FallbackPurchase);
    await rows.createQueryBuilder().insert().values({ ref, cart: null, withdrawn: false }).orIgnore().execute();
    // Two refs of one cart wait for each other here, if the shop has its row.
    if (cart) await locked(this.connection, ctx, Order, { code: cart });
    return locked(this.connection, ctx, FallbackPurchase, { ref });
  }

  /** Another order of this cart that stands: the shop's own, or of another ref. */
  async rival(ctx, ref, cart) {
    const own = await this.orders.findOneByCode(ctx, cart);
    if (own && !HALF_MADE.includes(own.state) && own.state !== 'Cancelled') return own;
    const rows = this.connection.getRepository(ctx, FallbackPurchase);
    const other = await locked(this.connection, ctx, FallbackPurchase, { cart });
    if (!other || other.ref === ref) return null;
    const theirs = await this.withRef(ctx, other.ref);
    if (theirs && !HALF_MADE.includes(theirs.state) && theirs.state !== 'Cancelled') return theirs;
    if (theirs && HALF_MADE.includes(theirs.state)) await this.remove(ctx, theirs);
    await rows.update(other.id, { cart: null });
    return null;
  }

  async withRef(ctx, ref) {
    const found = await this.connection.getRepository(ctx, Order).findOne({ where: { customFields: { fallbackRef: ref } } });
    return found && this.orders.findOne(ctx, found.id);
  }

  async remove(ctx, order) {
    if (order.state === 'Draft') return this.orders.deleteOrder(ctx, order.id);
    await this.orders.updateCustomFields(ctx, order.id, { fallbackRef: null });
    return this.orders.transitionToState(ctx, order.id, 'Cancelled');
  }
}
takes(FallbackOrders, TransactionalConnection, OrderService, ProductVariantService, OrderCalculator, CustomerService);

/** As the cart token tells prices. */
function priceNow(ctx, variant) {
  return ctx.channel.pricesIncludeTax ? variant.priceWithTax : variant.price;
}

function told(ctx, order) {
  return order.lines.map(line => ({
    sku: line.productVariant.sku,
    quantity: line.quantity,
    unitPrice: ctx.channel.pricesIncludeTax ? line.unitPriceWithTax : line.unitPrice,
    priceNow: line.customFields.fallbackPriceNow,
  }));
}

/** Vendure has an order's e-mail address at its customer only: an account may have another one than the order. */
function otherEmail({ emailAddress: theirs }, { emailAddress: given }) {
  return { fallbackEmail: theirs.toLowerCase() === given.toLowerCase() ? null : given };
}

/** As ops/docs/reference/primary-contract.md compares phone numbers. */
function lastDigits(phone) {
  return (phone ?? '').replace(/\D/g, '').slice(-8);
}

/** Whether the draft has exactly these pieces at these prices; Vendure makes one line of two that are alike. */
function hasLines(order, lines) {
  const pieces = new Map();
  const count = (sku, price, quantity) => pieces.set(`${sku} ${price}`, (pieces.get(`${sku} ${price}`) ?? 0) + quantity);
  order.lines.forEach(line => count(line.productVariant.sku, line.customFields.fallbackPrice, line.quantity));
  lines.forEach(line => count(line.sku, line.unitPrice, -line.quantity));
  return [...pieces.values()].every(difference => difference === 0);
}

module.exports = { AGREED, FallbackOrders, GONE, HALF_MADE, otherEmail };
