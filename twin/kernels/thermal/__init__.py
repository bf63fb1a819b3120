"""The hourly multi-zone heat balance, on plain arrays.

From the ground up: :mod:`irradiance` (sun on a plane), :mod:`glazing` (what a window lets through),
:mod:`conduction` (a wall as a two-port), :mod:`convection` and :mod:`longwave` (its faces),
:mod:`ground` (what lies under the floor), :mod:`shading` (obstacles), :mod:`network` and :mod:`packing`
(zones and surfaces as arrays), :mod:`balance` (one step after the other) and :mod:`year` (the whole).
"""
