"""Statistics that SQL is bad at: numbers in, numbers out; no store, no files."""
