"""Real shops, which the tests and the demo run: their own files, PostgreSQL, and packages from npm."""
