"""Frames of large models beside a bare three.js page that shows the same GLB files."""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.cases import shared_data
from benchmarks.row import Row
from benchmarks.viewer_browser import LOADED, chromium, serving, spread

FRAMES = 6
ROUNDS = 3  # ours and the bare page by turns
MODELS = {
    "campus of 7 offices": "derived_OfficeA_campus_x7.ifc",
    "restaurant": "Janesville_restaurant.ifc",
}
_SIZE = {"width": 1280, "height": 800}
# The loader's own nodes, meshes and materials, as any viewer that does not merge them draws them.
_BARE = """<!doctype html><body style="margin:0"><canvas id="c"></canvas>
<script type="importmap">{"imports": {"three": "./three/build/three.module.js",
 "three/addons/": "./three/examples/jsm/"}}</script>
<script type="module">
import * as THREE from "three";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
import { MeshoptDecoder } from "three/addons/libs/meshopt_decoder.module.js";
const info = await (await fetch("scene/scene.json")).json();
const renderer = new THREE.WebGLRenderer({ canvas: c, antialias: true, alpha: true });
const scene = new THREE.Scene();
const sun = new THREE.DirectionalLight(0xffffff, 2.1);
sun.position.set(0.55, 0.75, 0.4);
scene.add(new THREE.HemisphereLight(0xffffff, 0xb9b4aa, 1.35), sun);
const loader = new GLTFLoader().setMeshoptDecoder(MeshoptDecoder);
for (const part of info.parts) scene.add((await loader.loadAsync(`scene/${part.glb}`)).scene);
window.frames = (count, width, height, seen) => {
  renderer.setSize(width, height, false);
  const camera = new THREE.PerspectiveCamera(seen.fov, width / height, seen.near, seen.far);
  const target = new THREE.Vector3(...seen.target);
  const gl = renderer.getContext();
  const milliseconds = [];
  for (let frame = 0; frame < count; frame++) {
    const turn = (frame / count) * 2 * Math.PI;
    const offset = new THREE.Vector3(...seen.eye).sub(target);
    offset.applyAxisAngle(new THREE.Vector3(0, 1, 0), turn);
    camera.position.copy(target).add(offset);
    camera.lookAt(target);
    const begin = performance.now();
    renderer.render(scene, camera);
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
    milliseconds.push(performance.now() - begin);
  }
  return { milliseconds, calls: renderer.info.render.calls, triangles: renderer.info.render.triangles };
};
document.title = "loaded";
</script>"""


def frame_rows() -> list[Row]:
    """Three rows for each of the shared models; without the shared data they are left out, and it is said."""
    shared = shared_data()
    if shared is None:
        print("viewer: the large models are left out, there is no shared data", file=sys.stderr)
        return []
    return [row for label, name in MODELS.items() for row in _rows(label, shared / "models" / name)]


def _rows(label: str, path: Path) -> list[Row]:
    import ifc
    from twin.view import write_static
    from viewer.build import WEB

    ours: list[float] = []
    bare: list[float] = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_static(ifc.read(path), None, folder)
        (folder / "three").symlink_to(WEB / "node_modules" / "three")
        (folder / "bare.html").write_text(_BARE, "utf-8")
        with serving(folder) as address, chromium() as browser:
            page = browser.new_page(viewport=_SIZE)
            page.goto(address)
            page.wait_for_function(LOADED, timeout=240_000)
            page.wait_for_timeout(3000)  # the edges come last
            peer = browser.new_page(viewport=_SIZE)
            peer.goto(f"{address}bare.html")
            peer.wait_for_function("document.title === 'loaded'", timeout=240_000)
            for _ in range(ROUNDS):
                seen = page.evaluate(f"greentwin.frames({FRAMES}, true)")
                ours.append(statistics.median(seen["milliseconds"]) / 1000.0)
                other = peer.evaluate(
                    "([count, width, height, seen]) => frames(count, width, height, seen)",
                    [FRAMES, *_canvas(page), seen],
                )
                bare.append(statistics.median(other["milliseconds"]) / 1000.0)
            turning = page.evaluate(f"greentwin.frames({2 * FRAMES}, false)")
            first = page.evaluate("greentwin.frames(1, true)")
    settled = [one / 1000.0 for one in turning["milliseconds"][FRAMES:]]
    our_s, bare_s = statistics.median(ours), statistics.median(bare)
    thousand, moving, all_of_it = (round(one["triangles"] / 1000) for one in (other, turning, first))
    return [
        Row(
            "viewer", f"{label}, a frame, {thousand:,} k triangles", our_s, "bare three.js", bare_s,
            bare_s / our_s, noise=max(spread(ours), spread(bare)),
        ),
        Row(
            "viewer", f"{label}, draw calls ({all_of_it:,} k triangles)", float(first["calls"]),
            "bare three.js", float(other["calls"]), unit="calls",
        ),
        Row(
            "viewer", f"{label}, a frame of a moving camera, {moving:,} k triangles",
            statistics.median(settled), noise=spread(settled),
        ),
    ]  # fmt: skip


def _canvas(page: Any) -> list[int]:
    found = page.evaluate(
        "[document.querySelector('#picture').width, document.querySelector('#picture').height]"
    )
    return [int(length) for length in found]
