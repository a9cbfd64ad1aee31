"""Lists, search, filters, drafts, reports."""
