"""Reads input files of EPA SWMM 5 (.inp) into the arrays of our kernels, and says what these do not model.

The text is that of others: whatever is wrong in it is an error with the file and the line. What SWMM does
with a value that is allowed, this reader does as well (User's Manual 5.2, EPA/600/R-22/030, appendix D).
"""
