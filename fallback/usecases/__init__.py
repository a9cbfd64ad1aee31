"""What can be done, one verb per module: each loads, asks the domain, records."""
