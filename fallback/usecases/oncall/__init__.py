"""Raise and send alerts, run drills, note figures by the minute."""
