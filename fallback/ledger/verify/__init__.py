"""Whether everything in Redis can be read, and whether each index says what the orders say."""
