"""nmt: train your own translator, see what it reads, trust its numbers."""

__version__ = "0.1.0"
