const { Args, Mutation, Query, ResolveField, Resolver } = require('@nestjs/graphql');
const gql = require('graphql-tag');
const { Allow, Ctx, Permission, Transaction, TransactionalConnection } = require('@vendure/core');
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
    lines: [FallbackLine!]!
  }
  input FallbackPlace {
    ref: String!
    cart: String!
    customer: CreateCustomerInput!
    address: CreateAddressInput!
    "Only if it is another one."
    billing: CreateAddressInput
    "The code of a shipping method."
    delivery: String!
    total: Int!
    "The payment's reference at its provider, and its state: 'authorized' or 'captured'."
    reference: String
    state: String!
  }
  "What became of it: 'refusal' is a word of Fallback Checkout, 'order' is the order or the one in its way."
  type FallbackAnswer {
    refusal: String
    detail: String
    order: Order
  }
  extend type Order {
    "Whether a line's price in the cart token is the one with tax."
    fallbackPricesIncludeTax: Boolean!
  }
  extend type Query {
    fallbackConnector: FallbackConnector!
  }
  extend type Mutation {
    fallbackDraft(input: FallbackDraft!): FallbackAnswer!
    fallbackPlace(input: FallbackPlace!): FallbackAnswer!
    fallbackWithdraw(ref: String!): FallbackAnswer!
  }
`;

class FallbackResolver {
  constructor(orders, connection) {
    this.orders = orders;
    this.connection = connection;
  }

  fallbackConnector() {
    return { version };
  }

  fallbackDraft(ctx, { input }) {
    return this.allOrNothing(ctx, this.orders.draft(ctx, input));
  }

  fallbackPlace(ctx, { input }) {
    return this.allOrNothing(ctx, this.orders.place(ctx, input));
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
takes(FallbackResolver, FallbackOrders, TransactionalConnection);
method(FallbackResolver, 'fallbackConnector', [Query(), Allow(Permission.ReadOrder)], []);
method(FallbackResolver, 'fallbackDraft', [Transaction(), Mutation(), Allow(Permission.CreateOrder)], [Ctx(), Args()]);
method(FallbackResolver, 'fallbackPlace', [Transaction(), Mutation(), Allow(Permission.CreateOrder)], [Ctx(), Args()]);
method(FallbackResolver, 'fallbackWithdraw', [Transaction(), Mutation(), Allow(Permission.UpdateOrder)], [Ctx(), Args()]);

module.exports = { resolvers: [FallbackResolver, FallbackOrderResolver], schema };
