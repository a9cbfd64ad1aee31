"""Redis, the only store: orders, indexes, due work, and what people and processes leave there."""
