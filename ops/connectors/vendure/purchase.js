const { VendureEntity } = require('@vendure/core');
const { Column, Entity } = require('typeorm');

/**
 * What Fallback Checkout brought: one row per ref, and at most one per cart among those that stand.
 *
 * `withdrawn`: the ref was cancelled, also before its order came, and never becomes an order from then on.
 */
class FallbackPurchase extends VendureEntity {
  constructor(values) {
    super(values);
  }
}
Entity()(FallbackPurchase);
Column({ type: 'varchar', unique: true })(FallbackPurchase.prototype, 'ref');
Column({ type: 'varchar', unique: true, nullable: true })(FallbackPurchase.prototype, 'cart');
Column({ type: 'boolean', default: false })(FallbackPurchase.prototype, 'withdrawn');

/** The query, for rows that nobody else changes before this transaction ends; SQLite has one writer at a time anyway. */
function locking(connection, query) {
  const locks = !['better-sqlite3', 'sqlite', 'sqljs'].includes(connection.rawConnection.options.type);
  return locks ? query.setLock('pessimistic_write') : query;
}

async function locked(connection, ctx, type, where) {
  return locking(connection, connection.getRepository(ctx, type).createQueryBuilder('row').where(where)).getOne();
}

module.exports = { FallbackPurchase, locked, locking };
