"""Light from the sky to points in rooms, by following paths backwards.

Light enters a room through its portals only (windows, glazed doors, openings to other rooms): whatever gaps
the geometry has, no light leaks in. At the sensor and at every point where a path bounces inside a room, the
next direction is drawn either towards the room's portals or about the normal, and both ways are combined by
multiple importance sampling (Veach and Guibas 1995, doi:10.1145/218380.218498), so that the bright spots near
a window cost no more than the depth of the room. Paths end by Russian roulette, so no bounce is cut off and
the estimate is free of bias.

The same walk serves :mod:`twin.kernels.radiosity`: a path may stop where it first meets a surface of its own
room and leave a note of where that was, instead of bouncing on.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from twin.kernels.glazing import transmit_reflect
from twin.kernels.light_records import LightScene, Notes, Rows, Tally
from twin.kernels.rays import FAR, closest, surface_offset
from twin.kernels.sampling import cosine_direction, radical_inverse, seed, uniform
from twin.kernels.sky import PATCHES, patch_of, standard_luminance

Floats = NDArray[np.float64]

TOWARDS_PORTALS = 0.35
_ROULETTE_BELOW = 0.25  # share of its first weight under which a path goes on with a probability only
_NEAR_M2 = 0.05  # m²: closer portals are not preferred without bounds
_SEGMENTS = 100_000  # a path in a closed perfect mirror would never end


@njit(cache=True, nogil=True, error_model="numpy")
def _cell_key(
    compartment: int, cell: float, shift: Floats,
    x: float, y: float, z: float, nx: float, ny: float, nz: float,
) -> np.int64:  # fmt: skip
    """A number for the cell, the main direction of the normal and the compartment of a place."""
    ax, ay, az = abs(nx), abs(ny), abs(nz)
    if az >= ax and az >= ay:
        side = 0 if nz > 0.0 else 1
    elif ay >= ax:
        side = 2 if ny > 0.0 else 3
    else:
        side = 4 if nx > 0.0 else 5
    ix = np.int64(math.floor(x / cell + shift[0])) & 0x3FFF
    iy = np.int64(math.floor(y / cell + shift[1])) & 0x3FFF
    iz = np.int64(math.floor(z / cell + shift[2])) & 0x3FF
    return (((np.int64(compartment) * 6 + side) * 0x400 + iz) * 0x4000 + iy) * 0x4000 + ix


@njit(cache=True, nogil=True, error_model="numpy")
def _prefer_portals(scene: LightScene, rows: Rows, i: int, running: Floats, preferred: Floats) -> bool:
    """How samples of row i are drawn on the portals of its room: more on those that can light it more.

    Fills, for the K portal triangles of the room, ``running[:K]``, the running sum of their probabilities,
    and ``preferred[:K]``, by what factor each is drawn more often than by ``portal_cdf``: in proportion to
    cos θ cos θ' / d² without regard to what stands between, taken at the corners and the middle from the
    first place of the row. False when no portal faces the row.
    """
    first, last = scene.room_start[rows.room[i]], scene.room_start[rows.room[i] + 1]
    place = rows.first[i]
    px, py, pz = rows.position[place, 0], rows.position[place, 1], rows.position[place, 2]
    nx, ny, nz = rows.facing[place, 0], rows.facing[place, 1], rows.facing[place, 2]
    total, before = 0.0, 0.0
    for row in range(first, last):
        c = scene.portal_corners
        triangle = scene.portal_triangle[row]
        middle_x = (c[row, 0, 0] + c[row, 1, 0] + c[row, 2, 0]) / 3.0 - px
        middle_y = (c[row, 0, 1] + c[row, 1, 1] + c[row, 2, 1]) / 3.0 - py
        middle_z = (c[row, 0, 2] + c[row, 1, 2] + c[row, 2, 2]) / 3.0 - pz
        behind = (
            middle_x * scene.normal[triangle, 0]
            + middle_y * scene.normal[triangle, 1]
            + middle_z * scene.normal[triangle, 2]
        )
        lit = 0.0
        if behind > 0.0:
            for corner in range(4):
                x, y, z = middle_x, middle_y, middle_z
                if corner < 3:
                    x, y, z = c[row, corner, 0] - px, c[row, corner, 1] - py, c[row, corner, 2] - pz
                high = x * nx + y * ny + z * nz
                far = x * x + y * y + z * z + _NEAR_M2
                lit += max(high, 0.0) / (far * far)
        share = scene.portal_cdf[row] - before
        before = scene.portal_cdf[row]
        preferred[row - first] = behind * lit
        total += share * preferred[row - first]
        running[row - first] = total
    if total <= 0.0:
        return False
    for row in range(last - first):
        preferred[row] /= total
        running[row] /= total
    return True


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _drawn(running: Floats, first: int, last: int, u: float) -> tuple[int, float]:
    """Which of [first, last) a number ``u`` in [0, 1) draws by their running sum, and where in it u lies."""
    low, high = first, last - 1
    while low < high:
        middle = (low + high) // 2
        if running[middle] <= u:
            low = middle + 1
        else:
            high = middle
    below = running[low - 1] if low > first else 0.0
    return low, (u - below) / max(running[low] - below, 1e-12)


@njit(cache=True, nogil=True, error_model="numpy")
def gather(
    scene: LightScene,
    rows: Rows,
    sky: int,
    first_batch: int,
    samples: int,
    share: float,
    tally: Tally,
    notes: Notes,
    start: int,
    stop: int,
) -> None:
    """Follow ``samples`` paths from each of rows [start, stop) in each of the batches of ``tally``.

    A batch is an independent, stratified set (Hammersley with a random shift); batches are numbered from
    ``first_batch`` and never repeat. ``share`` of the samples of a row in a room with portals are aimed at
    these.

    E = ∫ L cos θ dω; the weight of a path is the product of the reflectances and transmittances it met, over
    the probability densities of its directions.
    """
    # Taken out of their tuples here: inside the loop each would be counted as one more reference and back.
    bvh = scene.bvh
    direct, reflected = tally.direct, tally.reflected
    lost, places, met_in = tally.lost, notes.place, notes.room
    binned = direct.shape[0] > 0
    noting, everywhere = notes.key.shape[1] > 0, met_in.shape[0] > 0
    running, preferred = np.empty(scene.portal_cdf.shape[0]), np.empty(scene.portal_cdf.shape[0])
    for i in range(start, stop):
        here = rows.room[i]
        aimed_samples = 0
        if here >= 0 and _prefer_portals(scene, rows, i, running, preferred):
            aimed_samples = int(samples * share)
        for batch in range(tally.factor.shape[1]):
            state = seed(rows.stream[i], first_batch + batch, -1)
            state, shift0 = uniform(state)
            state, shift1 = uniform(state)
            found = 0.0
            for sample in range(samples):
                state = seed(rows.stream[i], first_batch + batch, sample)
                # The first direction is stratified: a share of the samples for each way of drawing it.
                towards = aimed_samples / samples
                aimed = sample < aimed_samples
                k = sample if aimed else sample - aimed_samples
                of = aimed_samples if aimed else samples - aimed_samples
                u = (k + 0.5) / of + shift0
                v = radical_inverse(k) + shift1
                u -= math.floor(u)
                v -= math.floor(v)
                place = rows.first[i] + sample % rows.places[i]
                px, py, pz = rows.position[place, 0], rows.position[place, 1], rows.position[place, 2]
                nx, ny, nz = rows.facing[place, 0], rows.facing[place, 1], rows.facing[place, 2]
                room = np.int64(here)
                dx, dy, dz, cosine, diffuse = 0.0, 0.0, 0.0, 0.0, 0.0
                target = np.int64(-1)  # the portal that the direction was drawn on
                fresh = True  # nothing met since the last vertex but panes
                outdoors = here < 0  # went through a portal to the outdoors
                first_bin = 0  # of the set of coefficients of that portal
                leafy_bin = 0  # of those sets for light that came through leaves
                travelled = 0.0  # since the last vertex
                at_vertex = True
                weight, full_weight = 1.0, 1.0
                bounces = 0
                for _ in range(_SEGMENTS):
                    if at_vertex:
                        if bounces > 0:
                            state, u = uniform(state)
                            state, v = uniform(state)
                            towards, aimed = 0.0, False
                            if room >= 0 and scene.room_start[room + 1] > scene.room_start[room]:
                                # A share above 1 - ρ would let the weights of other directions grow.
                                towards = min(TOWARDS_PORTALS, 1.0 - diffuse)
                                state, choice = uniform(state)
                                aimed = choice < towards
                        if aimed:
                            # A point on the portals of the room: by area and weight, and from a row by
                            # what they can send there.
                            first = scene.room_start[room]
                            last = scene.room_start[room + 1]
                            if bounces > 0:
                                low, u = _drawn(scene.portal_cdf, first, last, u)
                            else:
                                low, u = _drawn(running, 0, last - first, u)
                                low += first
                            root = math.sqrt(min(max(u, 0.0), 1.0))
                            b0, b1, b2 = 1.0 - root, root * (1.0 - v), root * v
                            c = scene.portal_corners
                            dx = b0 * c[low, 0, 0] + b1 * c[low, 1, 0] + b2 * c[low, 2, 0] - px
                            dy = b0 * c[low, 0, 1] + b1 * c[low, 1, 1] + b2 * c[low, 2, 1] - py
                            dz = b0 * c[low, 0, 2] + b1 * c[low, 1, 2] + b2 * c[low, 2, 2] - pz
                            length = max(math.sqrt(dx * dx + dy * dy + dz * dz), 1e-9)
                            dx, dy, dz = dx / length, dy / length, dz / length
                            target = np.int64(scene.portal[scene.portal_triangle[low]])
                        else:
                            dx, dy, dz = cosine_direction(nx, ny, nz, u, v)
                        cosine = dx * nx + dy * ny + dz * nz
                        if cosine <= 0.0:
                            break
                        fresh = True
                        travelled = 0.0
                        at_vertex = False
                    tally.rays[i] += 1
                    t, triangle = closest(
                        bvh, np.float32(px), np.float32(py), np.float32(pz),
                        np.float32(dx), np.float32(dy), np.float32(dz), FAR, room,
                    )  # fmt: skip
                    ground = False
                    if room == -1 and dz < 0.0 and pz > scene.ground_z:
                        reach = (scene.ground_z - pz) / dz
                        if reach < t:
                            t, ground = reach, True
                    if triangle < 0 and not ground:
                        if room >= 0:
                            lost[i] += 1
                        elif dz > 0.0:
                            found += weight * math.pi * standard_luminance(sky, dz)
                            if binned:
                                patch = first_bin + leafy_bin + patch_of(dx, dy, dz)
                                if bounces == 0:
                                    direct[i, patch] += weight * math.pi
                                else:
                                    reflected[i, patch] += weight * math.pi
                        break

                    px, py, pz = px + dx * t, py + dy * t, pz + dz * t
                    travelled += t
                    portal = np.int64(-1)
                    through, mirrored, slope = 0.0, 0.0, dz
                    if ground:
                        mx, my, mz = 0.0, 0.0, 1.0
                        diffuse = scene.ground_reflectance
                    else:
                        mx = np.float64(scene.normal[triangle, 0])
                        my = np.float64(scene.normal[triangle, 1])
                        mz = np.float64(scene.normal[triangle, 2])
                        off = (
                            (px - scene.corner[triangle, 0]) * mx
                            + (py - scene.corner[triangle, 1]) * my
                            + (pz - scene.corner[triangle, 2]) * mz
                        )
                        px, py, pz = px - off * mx, py - off * my, pz - off * mz
                        slope = dx * mx + dy * my + dz * mz
                        portal = np.int64(scene.portal[triangle])
                        if portal >= 0:
                            through, mirrored = transmit_reflect(abs(slope), scene.glass[portal])
                            through *= scene.clear[portal]
                            mirrored *= scene.glazed[portal]
                            diffuse = scene.frame_reflectance[portal]
                        else:
                            through = np.float64(scene.passing[triangle])
                            if room >= 0:
                                diffuse = np.float64(scene.reflectance_room[triangle])
                            else:
                                diffuse = np.float64(scene.reflectance_outside[triangle])
                            diffuse *= 1.0 - through
                    side = 1.0 if slope > 0.0 else -1.0
                    goes_on = through + mirrored + diffuse
                    if goes_on <= 0.0:
                        break
                    pick = 1.0
                    if through > 0.0:
                        state, pick = uniform(state)
                        pick *= goes_on
                    weight *= goes_on
                    if fresh and not (portal < 0 and pick < through):
                        fresh = False
                        if portal >= 0 and towards > 0.0:
                            if aimed and portal != target:
                                break
                            by_normal = cosine / math.pi
                            by_portal = scene.density[portal] * travelled * travelled / max(abs(slope), 1e-9)
                            if bounces == 0:
                                by_portal *= preferred[scene.portal_row[triangle] - scene.room_start[here]]
                            weight *= by_normal / (towards * by_portal + (1.0 - towards) * by_normal)
                        elif aimed:
                            break
                        else:
                            weight /= 1.0 - towards
                        if bounces == 0:
                            full_weight = weight
                    offset = surface_offset(px, py, pz)
                    if pick < through:
                        if portal >= 0:
                            if room < 0:
                                room = np.int64(scene.portal_room[portal])
                            else:
                                room = np.int64(-1)
                                if scene.outdoors[portal] and not outdoors:
                                    outdoors = True
                                    first_bin = PATCHES * scene.light_set[portal]
                        elif not ground and scene.leafy[triangle]:
                            leafy_bin = scene.leafy_bin
                        offset *= side
                        px, py, pz = px + offset * mx, py + offset * my, pz + offset * mz
                        continue
                    offset *= -side
                    px, py, pz = px + offset * mx, py + offset * my, pz + offset * mz
                    if pick < through + mirrored:
                        bend = 2.0 * (dx * mx + dy * my + dz * mz)
                        dx, dy, dz = dx - bend * mx, dy - bend * my, dz - bend * mz
                        continue
                    nx, ny, nz = -side * mx, -side * my, -side * mz
                    in_group = room >= 0 and not outdoors and notes.group[room] == notes.group[here]
                    if noting and (everywhere or in_group):
                        if everywhere:
                            notes.key[i, sample] = 0
                            met_in[i, sample] = room
                        else:
                            compartment = np.int64(scene.compartment[triangle])
                            if compartment < 0:
                                compartment = room
                            notes.key[i, sample] = _cell_key(
                                compartment, notes.cell[room], notes.shift, px, py, pz, nx, ny, nz
                            )
                        notes.weight[i, sample] = weight
                        places[i, sample, 0] = px
                        places[i, sample, 1] = py
                        places[i, sample, 2] = pz
                        places[i, sample, 3] = nx
                        places[i, sample, 4] = ny
                        places[i, sample, 5] = nz
                        break
                    bounces += 1
                    at_vertex = True
                    if weight < _ROULETTE_BELOW * full_weight:
                        state, chance = uniform(state)
                        if chance * _ROULETTE_BELOW * full_weight >= weight:
                            break
                        weight = _ROULETTE_BELOW * full_weight
            tally.factor[i, batch] += found
