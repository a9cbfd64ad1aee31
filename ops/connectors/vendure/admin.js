const { Args, Mutation, Query, ResolveField, Resolver } = require('@nestjs/graphql');
const gql = require('graphql-tag');
const { Allow, Ctx, Permission, Transaction, TransactionalConnection } = require('@vendure/core');
const { FallbackChanges } = require('./changes');
const { FallbackOrders } = require('./orders');
const { method, takes } = require('./decorated');
const { version } = require('./package.json');

const schema = gql`
  type FallbackConnector {
    version: String!
  }
  input FallbackLine {
    sku: String!
    quantity: Int!
    unitPrice: Int!
  }
  input FallbackDraft {
    ref: String!
    cart: String!
    currency: String!
    slot: String
    note: String
    vatId: String
    lines: [FallbackLine!]!
  }
  input FallbackPlace {
    ref: String!
    cart: String!
    customer: CreateCustomerInput!
    "Of the account that was signed in when the cart was signed."
    customerId: ID
    "None, if nothing is sent anywhere."
    address: CreateAddressInput
    "Only if it is another one."
    billing: CreateAddressInput
    "The code of a shipping method."
    delivery: String!
    total: Int!
    "The payment's reference at its provider, and its state: 'authorized' or 'captured'."
    reference: String
    state: String!
  }
  "A change of an order: of what was agreed where there is a total, of how the customer is reached where there is a contact."
  input FallbackChange {
    ref: String!
    "It only grows; an older change is refused. 0: it has none."
    number: Int!
    lines: [FallbackLine!]! = []
    address: CreateAddressInput
    delivery: String
    slot: String
    total: Int
    reference: String
    contact: CreateCustomerInput
    "As in FallbackPlace."
    customerId: ID
  }
  "What became of it: 'refusal' is a word of Fallback Checkout, 'order' is the order or the one in its way."
  type FallbackAnswer {
    refusal: String
    detail: String
    order: Order
  }
  type FallbackQuotedLine {
    sku: String!
    quantity: Int!
    unitPrice: Int!
    priceNow: Int
  }
  type FallbackFigures {
    currency: String!
    total: Int!
    delivery: String!
    slot: String
    lines: [FallbackQuotedLine!]!
  }
  type FallbackQuote {
    refusal: String
    detail: String
    order: Order
    figures: FallbackFigures
  }
  extend type Order {
    "Whether a line's price in the cart token is the one with tax."
    fallbackPricesIncludeTax: Boolean!
  }
  extend type Query {
    fallbackConnector: FallbackConnector!
    fallbackOfPhone(phone: String!, since: DateTime!): [Order!]!
  }
  extend type Mutation {
    "What the two calls after it would make of the order. It is undone at once."
    fallbackQuote(draft: FallbackDraft!, place: FallbackPlace!): FallbackQuote!
    fallbackDraft(input: FallbackDraft!): FallbackAnswer!
    fallbackPlace(input: FallbackPlace!): FallbackAnswer!
    fallbackAmend(input: FallbackChange!): FallbackAnswer!
    fallbackWithdraw(ref: String!): FallbackAnswer!
  }
`;

class FallbackResolver {
  constructor(orders, changes, connection) {
    this.orders = orders;
    this.changes = changes;
    this.connection = connection;
  }

  fallbackConnector() {
    return { version };
  }

  fallbackOfPhone(ctx, { phone, since }) {
    return this.orders.ofPhone(ctx, phone, since);
  }

  async fallbackQuote(ctx, { draft, place }) {
    const quote = await this.orders.quote(ctx, draft, place);
    await this.connection.rollBackTransaction(ctx);
    return quote;
  }

  fallbackDraft(ctx, { input }) {
    return this.allOrNothing(ctx, this.orders.draft(ctx, input));
  }

  fallbackPlace(ctx, { input }) {
    return this.allOrNothing(ctx, this.orders.place(ctx, input));
  }

  fallbackAmend(ctx, { input }) {
    return this.changes.amend(ctx, input);
  }

  fallbackWithdraw(ctx, { ref }) {
    return this.allOrNothing(ctx, this.orders.withdraw(ctx, ref));
  }

  async allOrNothing(ctx, work) {
    const answer = await work;
    if (answer.refusal) await this.connection.rollBackTransaction(ctx);
    return answer;
  }
}

class FallbackOrderResolver {
  fallbackPricesIncludeTax(ctx) {
    return ctx.channel.pricesIncludeTax;
  }
}
Resolver('Order')(FallbackOrderResolver);
method(FallbackOrderResolver, 'fallbackPricesIncludeTax', [ResolveField()], [Ctx()]);

Resolver()(FallbackResolver);
takes(FallbackResolver, FallbackOrders, FallbackChanges, TransactionalConnection);
method(FallbackResolver, 'fallbackConnector', [Query(), Allow(Permission.ReadOrder)], []);
method(FallbackResolver, 'fallbackOfPhone', [Query(), Allow(Permission.ReadOrder)], [Ctx(), Args()]);
method(FallbackResolver, 'fallbackQuote', [Transaction(), Mutation(), Allow(Permission.CreateOrder)], [Ctx(), Args()]);
method(FallbackResolver, 'fallbackDraft', [Transaction(), Mutation(), Allow(Permission.CreateOrder)], [Ctx(), Args()]);
method(FallbackResolver, 'fallbackPlace', [Transaction(), Mutation(), Allow(Permission.CreateOrder)], [Ctx(), Args()]);
method(FallbackResolver, 'fallbackAmend', [Mutation(), Allow(Permission.UpdateOrder)], [Ctx(), Args()]);
method(FallbackResolver, 'fallbackWithdraw', [Transaction(), Mutation(), Allow(Permission.UpdateOrder)], [Ctx(), Args()]);

module.exports = { resolvers: [FallbackResolver, FallbackOrderResolver], schema };
