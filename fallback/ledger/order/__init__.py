"""Orders in Redis: the one commit path, indexes, views, search, personal data."""
