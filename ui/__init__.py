"""The window. Qt only: asks the desk, never SQL or HTTP (ARCHITECTURE.md). Starts at `ui.app`."""
