"""One module per revision. They spell their tables out: the schema of then, not of now."""
