"""Incidents, counts of their orders, and the halt of the hand-over in Redis."""
