"""Scores -> hypotheses."""
