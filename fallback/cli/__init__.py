"""The `fallback` command, one module per group of commands."""
