"""Benchmarks: our speed relative to the bare framework and to Redis alone, measured in one run (./ops/bin/bench)."""
