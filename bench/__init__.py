"""Benchmarks: ratios to a named baseline, measured side by side in one run, never bare speeds."""
