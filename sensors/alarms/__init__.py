"""Alarms: what is watched, what was raised, who acknowledged it and when it cleared."""
