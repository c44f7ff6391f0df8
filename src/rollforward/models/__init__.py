"""The metric core: one SQL file = one model = one table."""
