"""The hourly multi-zone heat balance, on plain arrays.

From the ground up: :mod:`irradiance` (sun on a plane), :mod:`glazing` (what a window lets through),
:mod:`conduction` (a wall as a two-port), :mod:`convection` and :mod:`longwave` (its faces),
:mod:`ground` (what lies under the floor), :mod:`network` (zones and surfaces packed into arrays) and
:mod:`balance` (the year, hour by hour).
"""
