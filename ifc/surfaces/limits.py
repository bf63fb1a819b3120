"""Tolerances of the derivation, each with its reason."""

from __future__ import annotations

PARALLEL_COSINE = 0.9986295  # cos 3°: faces that look at each other
STEEP = 0.7  # |normal z| above this is a floor or a ceiling, below a wall
OVERLAP_M = 0.22  # a space may reach this far into its wall or its neighbour (10 cm from both sides)
GAP_M = 0.2  # widest gap between a space and its walls that is no room of its own
SAME_FACE_M = 0.01  # faces of one space that coincide within this are two sides of a slit

WALL_LIMIT_M = 1.0  # thickest chain behind a wall face (0.5 loses party walls)
SLAB_LIMIT_M = 2.0  # thickest chain above a ceiling or below a floor, its voids included
WALL_GAP_FIRST_M = 0.35  # widest gap between a wall face and the first solid, or a solid and the next space
WALL_GAP_SPACES_M = 0.5  # widest gap between two spaces with no wall at all between them
SLAB_GAP_FIRST_M = 2.0  # the same above and below: suspended ceilings, raised floors, missing slabs
WALL_GAP_NEXT_M = 0.35  # widest cavity between two leaves of a wall: ducts, plumbing walls
SLAB_GAP_NEXT_M = 2.0  # a plenum between ceiling and slab

SMALLEST_PIECE_M2 = 1e-3
SLIVER_M = 0.004  # parts of faces thinner than twice this are dropped
GAP_FIRM_M = 0.12  # a wider void behind an element is crossed only when a space follows: else it is an attic
