"""Benchmarks: ratios to a named baseline, measured side by side in one run; bare speeds only where a floor is one."""

import os

# As in every process of ours: one thread for arithmetic, set before anything loads numpy.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
