"""What leaves the house: the session report for the partner, the ledger and the timesheet for billing, a slot for a
calendar. Shapes of the desk in, text or bytes out; no rules and no Qt (the PDF is `ui/paper`'s, reached by `printing`).
Called by the window and the command line. What billing may rely on stands in `docs/pro-exports.md`.
"""
