"""The questions of Pro services: dialogs for acts that cannot be undone, or that need facts (design language 4.12)."""
