"""Metrics, and pictures of what was read."""
