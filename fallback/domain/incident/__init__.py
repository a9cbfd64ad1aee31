"""An outage in retrospect: its orders, its balance sheet, its report, the audit of the primary."""
