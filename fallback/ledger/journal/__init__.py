"""The journal: orders on this machine's own disk while Redis takes none."""
