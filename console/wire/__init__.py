"""What travels between workstation and hub: shapes and their limits, no I/O. Source: spec sync.md 2."""
