"""Protocols, readings, time-series store and alarms; knows no BIM."""
