"""./ops/bin/release: a version as files that others can check, and its tag; nothing is published."""
