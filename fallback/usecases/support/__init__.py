"""Questions, hand-overs, owners, promises, callbacks, notes, ratings."""
