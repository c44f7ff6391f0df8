"""The invariants: one SQL file each; the rows it returns are violations."""
