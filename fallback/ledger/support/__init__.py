"""Claims, the roster, accounts, remarks, saved replies and link renewals in Redis."""
