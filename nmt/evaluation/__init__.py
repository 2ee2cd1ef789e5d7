"""Metrics, alignment, pictures."""
