"""The mode, observations of the primary, the pace and the backlog in Redis."""
