"""Placeholder until api.py lands."""
