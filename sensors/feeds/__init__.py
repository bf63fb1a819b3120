"""Feeds: one module per protocol, each turns what a device says into samples."""
