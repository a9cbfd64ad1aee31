"""Mails to customers and agents, and alerts to on-call engineers."""
