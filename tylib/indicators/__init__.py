"""Pure formulas over long frames, one family a file. Values only: provenance is attached by ``store.provenance``."""
