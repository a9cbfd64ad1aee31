"""What all of the ledger shares: keys, encryption, group commit, leases, readiness, the clock."""
