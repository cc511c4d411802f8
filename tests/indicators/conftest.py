"""Properties are tried on the same examples in every run, and a busy machine may take its time."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("indicators", deadline=None, derandomize=True, max_examples=40)
settings.load_profile("indicators")
