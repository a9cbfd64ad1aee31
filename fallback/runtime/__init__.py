"""What a process needs around its work: logs, metrics, traces, connections."""
