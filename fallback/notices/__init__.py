"""Mails to customers and colleagues, and alerts to on-call engineers."""
