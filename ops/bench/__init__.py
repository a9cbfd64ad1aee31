"""What it costs: ratios against the bare framework and raw Redis, measured in one run (./ops/bin/bench)."""
