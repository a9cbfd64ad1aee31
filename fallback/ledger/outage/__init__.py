"""The mode, sightings of the primary, the pace and the backlog in Redis."""
