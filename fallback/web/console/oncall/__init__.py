"""The on-call page, the drain, drills, incidents."""
