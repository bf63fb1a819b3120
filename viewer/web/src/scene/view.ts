/** The picture: what is drawn, from where, under which light, and what lies under a pixel. */

import {
  AmbientLight,
  Box3,
  BufferAttribute,
  BufferGeometry,
  type Camera,
  Color,
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
  WebGLRenderTarget,
} from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import type { StoreyMeshes } from "../data/glb.ts";
import { cornersOf, geometryOf, joined } from "./geometry.ts";
import { clip, createMaterials, type Materials, type Shared } from "./materials.ts";
import { edgesOf, type Merged, mergeStorey } from "./merge.ts";
import { GHOST, RowStates } from "./states.ts";

export interface Hit {
  row: number;
  point: Vector3;
  /** Corners of the triangle that was hit. */
  corners: [Vector3, Vector3, Vector3];
}

interface LoadedPart {
  storey: number;
  merged: Merged[];
  ghosts: Mesh[];
}

const EDGE_TRIANGLES = 600_000; // more than this is shown without edges

export class View {
  readonly states: RowStates;
  readonly scene = new Scene();
  readonly perspective = new PerspectiveCamera(42, 1, 0.1, 5000);
  readonly orthographic = new OrthographicCamera(-1, 1, 1, -1, -2000, 4000);
  readonly controls: OrbitControls;
  readonly renderer: WebGLRenderer;
  readonly shared: Shared;
  readonly materials: Materials;
  readonly bounds = new Box3();
  readonly sun = new DirectionalLight(0xffffff, 2.1);
  camera: PerspectiveCamera | OrthographicCamera = this.perspective;
  /** Called before each frame; for what moves by itself. */
  onFrame: ((seconds: number) => void) | null = null;
  /** Called after each frame. */
  readonly drawn = new Set<() => void>();
  planes: Plane[] = [];
  moved = false; // the user has taken the camera
  private readonly pickScene = new Scene();
  private readonly pickTarget = new WebGLRenderTarget(1, 1);
  private readonly parts: LoadedPart[] = [];
  private readonly sky = new HemisphereLight(0xffffff, 0xb9b4aa, 1.35);
  private readonly fill = new AmbientLight(0xffffff, 0.45);
  private pending = 0;
  private last = 0;
  private wantsFrames = false;

  readonly canvas: HTMLCanvasElement;

  constructor(canvas: HTMLCanvasElement, rows: number) {
    this.canvas = canvas;
    this.states = new RowStates(rows);
    this.shared = {
      states: { value: this.states.texture },
      accent: { value: new Color(0xff8a00) },
      pale: { value: new Color(0xd9dcdd) },
      cut: { value: new Color(0x3c464d) },
      scale: { value: 1 },
    };
    this.materials = createMaterials(this.shared);
    this.renderer = new WebGLRenderer({ canvas, antialias: true, alpha: true, powerPreference: "high-performance" });
    this.renderer.localClippingEnabled = true;
    this.renderer.shadowMap.enabled = true;
    this.renderer.shadowMap.type = PCFShadowMap;
    this.renderer.shadowMap.autoUpdate = false;
    this.renderer.info.autoReset = false;
    this.sun.castShadow = false;
    this.sun.shadow.mapSize.set(2048, 2048);
    this.sun.shadow.bias = -0.0006;
    this.sun.shadow.normalBias = 0.04;
    this.scene.add(this.sky, this.fill, this.sun, this.sun.target);
    this.controls = new OrbitControls(this.perspective, canvas);
    this.controls.zoomToCursor = true;
    this.controls.maxPolarAngle = Math.PI * 0.95;
    this.controls.mouseButtons = { LEFT: MOUSE.ROTATE, MIDDLE: MOUSE.PAN, RIGHT: MOUSE.PAN };
    this.controls.addEventListener("change", () => this.invalidate());
    this.controls.addEventListener("start", () => {
      this.moved = true;
    });
    this.lightFrom([0.55, 0.75, 0.4], false);
  }

  /** Add the meshes of one storey. */
  add(storey: number, meshes: StoreyMeshes): void {
    const { opaque, transparent } = mergeStorey(meshes);
    const part: LoadedPart = { storey, merged: [], ghosts: [] };
    for (const [merged, material] of [
      [opaque, this.materials.opaque],
      [transparent, this.materials.transparent],
    ] as const) {
      if (!merged.indices.length) continue;
      const geometry = geometryOf(merged);
      const mesh = new Mesh(geometry, material);
      mesh.castShadow = material === this.materials.opaque;
      mesh.receiveShadow = true;
      mesh.customDepthMaterial = this.materials.depth;
      mesh.renderOrder = material === this.materials.opaque ? 0 : 2;
      mesh.matrixAutoUpdate = false;
      const ghost = new Mesh(geometry, this.materials.ghost);
      ghost.renderOrder = 3;
      ghost.visible = false;
      this.scene.add(mesh, ghost);
      this.pickScene.add(new Mesh(geometry, this.materials.pick));
      this.bounds.union(geometry.boundingBox!);
      part.merged.push(merged);
      part.ghosts.push(ghost);
    }
    this.parts.push(part);
    this.invalidate(true);
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
    this.scene.add(lines);
    this.invalidate();
  }

  /** Show changed states. */
  commitStates(): void {
    this.states.commit();
    const ghosts = this.states.some(GHOST);
    for (const part of this.parts) for (const ghost of part.ghosts) ghost.visible = ghosts;
    this.invalidate(true);
  }

  setPlanes(planes: Plane[]): void {
    this.planes = planes;
    clip(this.materials, planes);
    this.invalidate(true);
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
    this.invalidate(true);
  }

  resize(width: number, height: number): void {
    const ratio = Math.min(window.devicePixelRatio, 2);
    this.renderer.setPixelRatio(ratio);
    this.renderer.setSize(width, height, false);
    this.shared.scale.value = ratio;
    this.perspective.aspect = width / Math.max(height, 1);
    this.perspective.updateProjectionMatrix();
    this.frameOrthographic();
    this.invalidate();
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
    const from = direction ?? this.camera.position.clone().sub(this.controls.target).normalize();
    if (this.camera === this.orthographic) {
      const view = this.renderer.getSize(new Vector2());
      const half = Math.max(size.z, size.x / (view.x / view.y)) * 0.56;
      Object.assign(this.orthographic, { top: half, bottom: -half, zoom: 1 });
      this.frameOrthographic();
      this.orthographic.position.set(centre.x, box.max.y + 100, centre.z);
    } else {
      const distance = this.distanceFor(box, from);
      this.perspective.position.copy(centre).addScaledVector(from, distance);
      this.perspective.near = Math.max(0.05, distance / 2000);
      this.perspective.far = distance * 4 + this.bounds.getSize(new Vector3()).length() * 2;
      this.perspective.updateProjectionMatrix();
      this.centreOn(box, centre);
    }
    this.controls.target.copy(centre);
    this.controls.update();
    this.invalidate();
  }

  /** Move camera and target sideways until the box is in the middle of the picture. */
  private centreOn(box: Box3, target: Vector3): void {
    const camera = this.perspective;
    for (let turn = 0; turn < 3; turn++) {
      camera.lookAt(target);
      camera.updateMatrixWorld();
      const seen = new Box3();
      for (const corner of cornersOf(box)) seen.expandByPoint(corner.project(camera));
      const middle = seen.getCenter(new Vector3());
      const depth = target.clone().project(camera).z;
      const shift = new Vector3(middle.x, middle.y, depth).unproject(camera).sub(target);
      if (!Number.isFinite(shift.lengthSq())) return; // a corner lies in the plane of the eye
      target.add(shift);
      camera.position.add(shift);
    }
  }

  /** How far a camera must stand for all corners of a box to be seen. */
  private distanceFor(box: Box3, from: Vector3): number {
    const centre = box.getCenter(new Vector3());
    const tangent = Math.tan((this.perspective.fov * Math.PI) / 360);
    const right = new Vector3().crossVectors(new Vector3(0, 1, 0), from);
    if (right.lengthSq() < 1e-6) right.set(1, 0, 0);
    right.normalize();
    const up = new Vector3().crossVectors(from, right);
    let distance = 1;
    for (const corner of cornersOf(box)) {
      const to = corner.sub(centre);
      const across = Math.max(Math.abs(to.dot(up)) / tangent, Math.abs(to.dot(right)) / (tangent * this.perspective.aspect));
      distance = Math.max(distance, to.dot(from) + across * 1.08);
    }
    return distance;
  }

  /** From above, without perspective; or back. */
  setPlan(on: boolean): void {
    const camera = on ? this.orthographic : this.perspective;
    if (camera === this.camera) return;
    this.camera = camera;
    this.controls.object = camera;
    this.controls.enableRotate = !on;
    this.controls.mouseButtons.LEFT = on ? MOUSE.PAN : MOUSE.ROTATE;
    if (on) this.orthographic.up.set(0, 0, -1);
    this.invalidate();
  }

  /** The box about some rows, as drawn. */
  boxOf(rows: Iterable<number>): Box3 {
    const box = new Box3();
    const point = new Vector3();
    for (const row of rows)
      for (const { merged } of this.parts)
        for (const one of merged)
          for (const [start, count] of one.ranges.get(row) ?? [])
            for (let i = start; i < start + count; i++) {
              box.expandByPoint(point.fromArray(one.positions, one.indices[i]! * 3));
            }
    return box;
  }

  has(row: number): boolean {
    return this.parts.some((part) => part.merged.some((one) => one.ranges.has(row)));
  }

  /** What lies under a pixel of the canvas (CSS pixels from its upper left corner). */
  pick(x: number, y: number): Hit | null {
    const size = this.renderer.getSize(new Vector2());
    const ratio = this.renderer.getPixelRatio();
    const camera = this.camera;
    camera.setViewOffset(size.x * ratio, size.y * ratio, Math.floor(x * ratio), Math.floor(y * ratio), 1, 1);
    const background = this.renderer.getClearColor(new Color());
    const alpha = this.renderer.getClearAlpha();
    this.renderer.setClearColor(0, 0);
    this.renderer.setRenderTarget(this.pickTarget);
    this.renderer.clear();
    this.renderer.render(this.pickScene, camera);
    const pixel = new Uint8Array(4);
    this.renderer.readRenderTargetPixels(this.pickTarget, 0, 0, 1, 1, pixel);
    this.renderer.setRenderTarget(null);
    this.renderer.setClearColor(background, alpha);
    camera.clearViewOffset();
    const row = pixel[0]! + pixel[1]! * 256 + pixel[2]! * 65536 - 1;
    if (row < 0) return null;
    const ray = new Raycaster();
    ray.setFromCamera(new Vector2((x / size.x) * 2 - 1, 1 - (y / size.y) * 2), camera as Camera);
    return this.hitOf(row, ray);
  }

  private hitOf(row: number, { ray }: Raycaster): Hit | null {
    let best: Hit | null = null;
    let nearest = Infinity;
    const point = new Vector3();
    for (const { merged } of this.parts)
      for (const one of merged)
        for (const [start, count] of one.ranges.get(row) ?? [])
          for (let i = start; i < start + count; i += 3) {
            const corners = [0, 1, 2].map((k) =>
              new Vector3().fromArray(one.positions, one.indices[i + k]! * 3),
            ) as [Vector3, Vector3, Vector3];
            if (!ray.intersectTriangle(...corners, false, point)) continue;
            if (this.planes.some((plane) => plane.distanceToPoint(point) < 0)) continue;
            const distance = point.distanceTo(ray.origin);
            if (distance < nearest) {
              nearest = distance;
              best = { row, point: point.clone(), corners };
            }
          }
    return best;
  }

  /** Where a point of the scene is on the canvas, CSS pixels; null behind the camera. */
  toScreen(point: Vector3): [number, number] | null {
    const at = point.clone().project(this.camera);
    if (at.z > 1) return null;
    const size = this.renderer.getSize(new Vector2());
    return [((at.x + 1) / 2) * size.x, ((1 - at.y) / 2) * size.y];
  }

  /** Draw soon; ``shadows`` when what casts them may have changed. */
  invalidate(shadows = false): void {
    if (shadows) this.renderer.shadowMap.needsUpdate = true;
    if (!this.pending) this.pending = requestAnimationFrame((now) => this.draw(now));
  }

  /** Draw every frame while something moves. */
  animate(on: boolean): void {
    this.wantsFrames = on;
    if (on) this.invalidate();
  }

  private draw(now: number): void {
    this.pending = 0;
    this.onFrame?.(Math.min((now - this.last) / 1000, 0.1));
    this.last = now;
    this.renderer.info.reset();
    this.renderer.render(this.scene, this.camera);
    for (const listener of this.drawn) listener();
    if (this.wantsFrames) this.invalidate();
  }

  /** Draw calls of the last frame. */
  get drawCalls(): number {
    return this.renderer.info.render.calls;
  }

  dispose(): void {
    cancelAnimationFrame(this.pending);
    this.controls.dispose();
    this.scene.traverse((one) => {
      if (one instanceof Mesh || one instanceof LineSegments) (one.geometry as BufferGeometry).dispose();
    });
    for (const one of Object.values(this.materials)) one.dispose();
    this.states.texture.dispose();
    this.pickTarget.dispose();
    this.sun.dispose();
    this.renderer.dispose();
  }
}
