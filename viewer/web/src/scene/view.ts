/** The picture: what is drawn, from where, under which light, and what lies under a pixel. */

import {
  AmbientLight,
  Box3,
  BufferAttribute,
  BufferGeometry,
  type Camera,
  DirectionalLight,
  HemisphereLight,
  LineSegments,
  Mesh,
  MOUSE,
  OrthographicCamera,
  PCFShadowMap,
  PerspectiveCamera,
  type Plane,
  Raycaster,
  Scene,
  Vector2,
  Vector3,
  WebGLRenderer,
} from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import type { StoreyMeshes } from "../data/glb.ts";
import { Frames } from "./frames.ts";
import { centreOn, distanceFor } from "./framing.ts";
import { geometryOf, joined } from "./geometry.ts";
import { clip, createMaterials, type Materials, type Shared, srgb } from "./materials.ts";
import { edgesOf, joinedParts, worthMost, type Merged, mergeStorey } from "./merge.ts";
import { Picker } from "./picker.ts";
import { boxOfRows, type Hit, hitOf } from "./rows.ts";
import { GHOST, RowStates } from "./states.ts";

interface LoadedPart {
  merged: Merged;
  mesh: Mesh;
  ghost: Mesh;
  pick: Mesh;
}

const FIELD_OF_VIEW_DEG = 42;
const EDGE_TRIANGLES = 600_000; // more than this is shown without edges

export class View {
  readonly states: RowStates;
  readonly scene = new Scene();
  readonly perspective = new PerspectiveCamera(FIELD_OF_VIEW_DEG, 1, 0.1, 5000);
  readonly orthographic = new OrthographicCamera(-1, 1, 1, -1, -2000, 4000);
  readonly controls: OrbitControls;
  readonly renderer: WebGLRenderer;
  readonly shared: Shared;
  readonly materials: Materials;
  readonly bounds = new Box3();
  readonly sun = new DirectionalLight(0xffffff, 2.1);
  camera: PerspectiveCamera | OrthographicCamera = this.perspective;
  readonly frames: Frames;
  planes: Plane[] = [];
  private isPlan = false;
  moved = false; // the user has taken the camera
  private readonly picker = new Picker();
  private readonly parts: LoadedPart[] = [];
  private readonly sky = new HemisphereLight(0xffffff, 0xb9b4aa, 1.35);
  private readonly fill = new AmbientLight(0xffffff, 0.45);
  private edges: LineSegments | null = null;
  private reach = Infinity; // triangles that the buffers are set to draw

  readonly canvas: HTMLCanvasElement;

  constructor(canvas: HTMLCanvasElement, rows: number) {
    this.canvas = canvas;
    this.states = new RowStates(rows);
    this.shared = {
      states: { value: this.states.texture },
      accent: { value: srgb(0xff8a00) },
      pale: { value: srgb(0xd9dcdd) },
      cut: { value: srgb(0x3c464d) },
      scale: { value: 1 },
    };
    this.materials = createMaterials(this.shared);
    this.renderer = new WebGLRenderer({
      canvas, antialias: false, alpha: true, powerPreference: "high-performance",
    });
    this.renderer.localClippingEnabled = true;
    this.renderer.shadowMap.enabled = true;
    this.renderer.shadowMap.type = PCFShadowMap;
    this.renderer.shadowMap.autoUpdate = false;
    this.frames = new Frames({
      renderer: this.renderer,
      scene: this.scene,
      sun: this.sun,
      camera: () => this.camera,
      reach: (triangles) => this.reachFor(triangles),
      detail: (on) => {
        if (this.edges) this.edges.visible = on;
      },
    });
    this.sun.castShadow = false;
    this.sun.shadow.mapSize.set(2048, 2048);
    this.sun.shadow.bias = -0.0006;
    this.sun.shadow.normalBias = 0.04;
    this.scene.add(this.sky, this.fill, this.sun, this.sun.target);
    this.controls = new OrbitControls(this.perspective, canvas);
    this.controls.zoomToCursor = true;
    this.controls.maxPolarAngle = Math.PI * 0.95;
    this.controls.mouseButtons = { LEFT: MOUSE.ROTATE, MIDDLE: MOUSE.PAN, RIGHT: MOUSE.PAN };
    this.controls.addEventListener("change", () => {
      this.frames.move();
    });
    this.controls.addEventListener("start", () => {
      this.moved = true;
      if (!this.isPlan) this.camera.up.set(0, 1, 0); // a viewpoint's tilt ends with the first turn
    });
    this.lightFrom([0.55, 0.75, 0.4], false);
  }

  /** Add the meshes of one storey. */
  add(meshes: StoreyMeshes): void {
    const { opaque, transparent } = mergeStorey(meshes);
    if (opaque.indices.length) this.addPart(opaque, this.materials.opaque);
    if (transparent.indices.length) this.addPart(transparent, this.materials.transparent);
    this.frames.invalidate(true);
  }

  /** Draw what is transparent in all storeys in one call. */
  joinTransparent(): void {
    const glass = this.parts.filter((part) => part.mesh.material === this.materials.transparent);
    if (glass.length < 2) return;
    for (const part of glass) {
      this.scene.remove(part.mesh, part.ghost);
      this.picker.scene.remove(part.pick);
      part.mesh.geometry.dispose();
      this.parts.splice(this.parts.indexOf(part), 1);
    }
    this.addPart(joinedParts(glass.map((part) => part.merged)), this.materials.transparent);
    this.frames.invalidate();
  }

  private addPart(merged: Merged, material: Materials["opaque"]): void {
    const geometry = geometryOf(merged);
    const isOpaque = material === this.materials.opaque;
    const mesh = new Mesh(geometry, material);
    mesh.castShadow = isOpaque;
    mesh.receiveShadow = true;
    mesh.customDepthMaterial = this.materials.depth;
    mesh.renderOrder = isOpaque ? 0 : 2;
    mesh.matrixAutoUpdate = false;
    const ghost = new Mesh(geometry, this.materials.ghost);
    ghost.renderOrder = 3;
    ghost.visible = this.states.some(GHOST);
    const pick = new Mesh(geometry, this.materials.pick);
    this.scene.add(mesh, ghost);
    this.picker.scene.add(pick);
    this.reach = Infinity;
    this.bounds.union(geometry.boundingBox!);
    this.parts.push({ merged, mesh, ghost, pick });
  }

  /** Draw the edges of all storeys, in one call. */
  addEdges(storeys: StoreyMeshes[], triangles: number): void {
    if (triangles > EDGE_TRIANGLES) return;
    const all = storeys.map(edgesOf);
    const geometry = new BufferGeometry();
    geometry.setAttribute("position", new BufferAttribute(joined(all.map((one) => one.positions)), 3));
    geometry.setAttribute("elementRow", new BufferAttribute(joined(all.map((one) => one.rows)), 1));
    const lines = new LineSegments(geometry, this.materials.line);
    lines.renderOrder = 1;
    lines.frustumCulled = false;
    this.edges = lines;
    this.scene.add(lines);
    this.frames.invalidate();
  }

  /** Show changed states: what a live value does not change costs no frame. */
  commitStates(): void {
    const change = this.states.commit();
    if (change === "nothing") return;
    const ghosts = this.states.some(GHOST);
    for (const { ghost } of this.parts) ghost.visible = ghosts;
    this.frames.invalidate(change === "shadows");
  }

  setPlanes(planes: Plane[]): void {
    this.planes = planes;
    clip(this.materials, planes);
    this.frames.invalidate(true);
  }

  /** The direction of the light (towards it), with or without shadows. */
  lightFrom(direction: [number, number, number], shadows: boolean, strength = 2.1): void {
    const centre = this.bounds.isEmpty() ? new Vector3() : this.bounds.getCenter(new Vector3());
    const radius = this.bounds.isEmpty() ? 50 : this.bounds.getSize(new Vector3()).length() / 2;
    this.sun.position.copy(centre).addScaledVector(new Vector3(...direction), radius * 2);
    this.sun.target.position.copy(centre);
    this.sun.target.updateMatrixWorld();
    this.sun.intensity = strength;
    this.sky.intensity = shadows ? 1.0 : 1.35;
    this.sun.castShadow = shadows && direction[1] > 0;
    Object.assign(this.sun.shadow.camera, {
      left: -radius, right: radius, top: radius, bottom: -radius, near: 0.1, far: radius * 4,
    });
    this.sun.shadow.camera.updateProjectionMatrix();
    this.frames.invalidate(true);
  }

  resize(width: number, height: number): void {
    const ratio = Math.min(window.devicePixelRatio, 2);
    this.renderer.setPixelRatio(ratio);
    this.renderer.setSize(width, height, false);
    this.shared.scale.value = ratio;
    this.perspective.aspect = width / Math.max(height, 1);
    this.perspective.updateProjectionMatrix();
    this.frameOrthographic();
    this.frames.invalidate();
  }

  private frameOrthographic(): void {
    const size = this.renderer.getSize(new Vector2());
    const half = (this.orthographic.top - this.orthographic.bottom) / 2;
    const aspect = size.x / Math.max(size.y, 1);
    Object.assign(this.orthographic, { left: -half * aspect, right: half * aspect });
    this.orthographic.updateProjectionMatrix();
  }

  /** Look at a box from the direction that the camera looks from now. */
  fit(box: Box3, direction?: Vector3): void {
    if (box.isEmpty()) return;
    const centre = box.getCenter(new Vector3());
    const size = box.getSize(new Vector3());
    if (!this.isPlan) {
      this.use(this.perspective); // also after a viewpoint without perspective, or with a lens of its own
      this.perspective.fov = FIELD_OF_VIEW_DEG;
    }
    const from = direction ?? this.camera.position.clone().sub(this.controls.target).normalize();
    if (this.camera === this.orthographic) {
      const view = this.renderer.getSize(new Vector2());
      const half = Math.max(size.z, size.x / (view.x / view.y)) * 0.56;
      Object.assign(this.orthographic, { top: half, bottom: -half, zoom: 1 });
      this.frameOrthographic();
      this.orthographic.position.set(centre.x, box.max.y + 100, centre.z);
    } else {
      const distance = distanceFor(this.perspective, box, from);
      this.perspective.position.copy(centre).addScaledVector(from, distance);
      this.perspective.near = Math.max(0.05, distance / 2000);
      this.perspective.far = distance * 4 + this.bounds.getSize(new Vector3()).length() * 2;
      this.perspective.updateProjectionMatrix();
      centreOn(this.perspective, box, centre);
    }
    this.controls.target.copy(centre);
    this.controls.update();
    this.frames.invalidate();
  }

  /** From above, without perspective; or back. */
  setPlan(on: boolean): void {
    this.use(on ? this.orthographic : this.perspective);
    this.isPlan = on;
    this.controls.enableRotate = !on;
    this.controls.mouseButtons.LEFT = on ? MOUSE.PAN : MOUSE.ROTATE;
    if (on) this.orthographic.up.set(0, 0, -1);
    this.frames.invalidate();
  }

  /**
   * Look from a point in a direction, which end up: ``lens`` is the vertical angle in degrees of a perspective
   * or the height in metres of a picture without one.
   */
  lookFrom(eye: Vector3, direction: Vector3, up: Vector3, lens: { angle?: number; height?: number }): void {
    this.setPlan(false);
    if (lens.height !== undefined && lens.height > 0) {
      this.use(this.orthographic);
      Object.assign(this.orthographic, { top: lens.height / 2, bottom: -lens.height / 2, zoom: 1 });
      this.frameOrthographic();
    } else {
      if (lens.angle !== undefined && lens.angle > 1 && lens.angle < 170) this.perspective.fov = lens.angle;
      this.perspective.near = 0.05;
      this.perspective.far = 4 * (this.bounds.getSize(new Vector3()).length() + this.bounds.distanceToPoint(eye));
      this.perspective.updateProjectionMatrix();
    }
    const away = Math.max(5, eye.distanceTo(this.bounds.getCenter(new Vector3())));
    this.camera.up.copy(up);
    this.camera.position.copy(eye);
    this.controls.target.copy(eye).addScaledVector(direction, away);
    this.controls.update();
    this.moved = true;
    this.frames.invalidate(true);
  }

  private use(camera: PerspectiveCamera | OrthographicCamera): void {
    this.camera = camera;
    this.controls.object = camera;
    camera.up.set(0, 1, 0);
  }

  /** The box about some rows, as drawn. */
  boxOf(rows: Iterable<number>): Box3 {
    return boxOfRows(this.parts.map((part) => part.merged), rows);
  }

  has(row: number): boolean {
    return this.parts.some((part) => part.merged.ranges.has(row));
  }

  /** What lies under a pixel of the canvas (CSS pixels from its upper left corner). */
  pick(x: number, y: number): Hit | null {
    const size = this.renderer.getSize(new Vector2());
    this.reachFor(Infinity);
    const row = this.picker.rowAt(this.renderer, this.camera, x, y);
    if (row < 0) return null;
    const ray = new Raycaster();
    ray.setFromCamera(new Vector2((x / size.x) * 2 - 1, 1 - (y / size.y) * 2), this.camera as Camera);
    return hitOf(this.parts.map((part) => part.merged), row, ray.ray, this.planes);
  }

  /** Where a point of the scene is on the canvas, CSS pixels; null behind the camera. */
  toScreen(point: Vector3): [number, number] | null {
    const at = point.clone().project(this.camera);
    if (at.z > 1) return null;
    const size = this.renderer.getSize(new Vector2());
    return [((at.x + 1) / 2) * size.x, ((1 - at.y) / 2) * size.y];
  }

  /** Draw what tells most within a number of triangles. */
  private reachFor(triangles: number): void {
    if (triangles === this.reach) return;
    this.reach = triangles;
    const ends = worthMost(this.parts.map((part) => part.merged), triangles);
    this.parts.forEach(({ mesh }, at) => mesh.geometry.setDrawRange(0, ends[at]!));
  }

  dispose(): void {
    this.frames.dispose();
    this.controls.dispose();
    this.scene.traverse((one) => {
      if (one instanceof Mesh || one instanceof LineSegments) (one.geometry as BufferGeometry).dispose();
    });
    for (const one of Object.values(this.materials)) one.dispose();
    this.states.texture.dispose();
    this.picker.dispose();
    this.sun.dispose();
    this.renderer.dispose();
  }
}
