"""Where models run: DuckDB."""
