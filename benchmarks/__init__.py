"""Side-by-side runs: ``python -m benchmarks [NAME…] [--json]``. Speed lives here, never in a test."""

import os

# One thread is one thread: the threads of NumPy's matrix products wait by spinning, which counts as work.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
