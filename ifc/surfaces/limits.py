"""Tolerances of the derivation, each with its reason."""

from __future__ import annotations

PARALLEL_COSINE = 0.9986295  # cos 3°: faces that look at each other
STEEP = 0.7  # |normal z| above this is a floor or a ceiling, below a wall
OVERLAP_M = 0.22  # a space may reach this far into its wall or its neighbour (10 cm from both sides)
GAP_M = 0.2  # widest gap between a space and its walls that is no room of its own
SAME_SPACE_M = 0.03  # a face of the same space nearer than this is no neighbour

WALL_LIMIT_M = 1.0  # thickest chain behind a wall face (0.5 loses party walls)
SLAB_LIMIT_M = 2.0  # thickest chain above a ceiling or below a floor, its voids included
WALL_GAP_FIRST_M = 0.35  # widest gap between a wall face and the first solid, or the next space
SLAB_GAP_FIRST_M = 2.0  # the same above and below: suspended ceilings, raised floors, missing slabs
WALL_GAP_NEXT_M = 0.12  # widest cavity between two leaves of a wall
SLAB_GAP_NEXT_M = 2.0  # a plenum between ceiling and slab

SMALLEST_PIECE_M2 = 1e-3
SLIVER_M = 0.004  # parts of faces thinner than twice this are dropped
GAP_FIRM_M = 0.12  # a wider void behind a slab is crossed only when a space follows: else it is an attic
