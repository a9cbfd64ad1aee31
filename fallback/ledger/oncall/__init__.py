"""Alerts, figures by the minute, drills and heartbeats in Redis."""
