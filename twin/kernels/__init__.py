"""Numba kernels on plain arrays; import nothing of ours."""
