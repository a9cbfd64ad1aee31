"""Claims, the roster, accounts, remarks and link renewals in Redis."""
