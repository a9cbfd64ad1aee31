const { Migration } = require('@medusajs/framework/mikro-orm/migrations')

class Migration20261129000000 extends Migration {
  async up() {
    this.addSql(`CREATE TABLE IF NOT EXISTS fallback_claim (
      id text PRIMARY KEY, ref text, cart_id text, order_id text, cancelled boolean NOT NULL DEFAULT false,
      created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now(), deleted_at timestamptz)`)
    for (const [column, unique] of [['ref', 'UNIQUE '], ['cart_id', 'UNIQUE '], ['order_id', '']]) {
      this.addSql(`CREATE ${unique}INDEX IF NOT EXISTS "IDX_fallback_claim_${column}${unique && '_unique'}"
        ON fallback_claim (${column}) WHERE deleted_at IS NULL`)
    }
  }

  async down() {
    this.addSql('DROP TABLE IF EXISTS fallback_claim')
  }
}

module.exports = { Migration20261129000000 }
