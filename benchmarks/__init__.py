"""Side-by-side runs: ``python -m benchmarks [NAME…] [--json]``. Speed lives here, never in a test."""
