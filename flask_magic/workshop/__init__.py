"""Workshops: one notebook from which handouts for each level are prepared."""
