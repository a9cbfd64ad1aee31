"""People who help: accounts, claims, owners, promises, questions, hand-overs, callbacks."""
