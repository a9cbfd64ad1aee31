"""The HTTP API for programs, its description, webhooks, health and metrics."""
