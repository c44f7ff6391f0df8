"""Answers: a question and the built tables → a Table. One file a kind of answer; nothing is computed that SQL can."""
