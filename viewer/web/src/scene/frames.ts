/** When a frame is drawn, and how much of the picture: all of it, what a moving camera needs, or a slice. */

import {
  type BufferGeometry,
  type Camera,
  type DirectionalLight,
  Frustum,
  LineSegments,
  type Material,
  Matrix4,
  Mesh,
  type Scene,
  type WebGLRenderer,
} from "three";
import { CanvasTarget } from "./canvas-target.ts";
import { Pace } from "./pace.ts";
import { type Run, Slices } from "./slices.ts";

type Drawable = Mesh<BufferGeometry, Material> | LineSegments<BufferGeometry, Material>;

export interface Stage {
  renderer: WebGLRenderer;
  scene: Scene;
  sun: DirectionalLight;
  /** The camera of the next frame. */
  camera: () => Camera;
  /** Set the buffers to draw what tells most within a number of triangles. */
  reach: (triangles: number) => void;
  /** Show or hide what a moving camera can do without. */
  detail: (on: boolean) => void;
}

export class Frames {
  /** Called before each frame; for what moves by itself. */
  onFrame: ((seconds: number) => void) | null = null;
  /** Called after each picture that is shown. */
  readonly drawn = new Set<() => void>();
  /** What the last picture cost that was drawn at once. */
  whole = { triangles: 0, calls: 0 };
  private readonly stage: Stage;
  private readonly target: CanvasTarget;
  private readonly pace = new Pace(() => this.invalidate());
  private readonly slices = new Slices();
  private pending = 0;
  private last = 0;
  private wantsFrames = false;
  private isFirst = false; // the next slice begins a picture
  private changed = false; // since the picture under way was begun

  constructor(stage: Stage) {
    this.stage = stage;
    this.target = new CanvasTarget(stage.renderer);
    stage.renderer.info.autoReset = false;
  }

  /** Draw soon; ``shadows`` when what casts them may have changed. */
  invalidate(shadows = false): void {
    if (shadows) this.stage.renderer.shadowMap.needsUpdate = true;
    this.changed = true;
    this.tell(false);
    this.schedule();
  }

  /** The camera has been moved by hand. */
  move(): void {
    this.pace.move();
    this.invalidate();
  }

  /** Draw every frame while something moves. */
  animate(on: boolean): void {
    if (on !== this.wantsFrames) this.invalidate();
    this.wantsFrames = on;
  }

  private schedule(): void {
    if (!this.pending) this.pending = requestAnimationFrame((now) => this.draw(now));
  }

  private draw(now: number): void {
    this.pending = 0;
    const rests = !this.pace.moving && !this.wantsFrames;
    if (rests && this.pace.busy) return; // the frame on its way asks for the next
    this.onFrame?.(Math.min((now - this.last) / 1000, 0.1));
    this.last = now;
    if (rests) this.drawAtRest();
    else {
      this.slices.abandon();
      this.drawAtOnce(this.wantsFrames ? this.pace.budget : this.pace.allowed, false);
    }
    if (this.wantsFrames) this.invalidate();
  }

  private drawAtRest(): void {
    if (!this.slices.isUnderWay) {
      this.changed = false;
      const slices = this.castsAnew ? [] : this.cut();
      if (slices.length < 2) {
        this.drawAtOnce(Infinity, true);
        return;
      }
      this.slices.begin(slices);
      this.isFirst = true;
    }
    const began = performance.now();
    this.drawSlice();
    if (!this.slices.isUnderWay) this.show(!this.changed, this.slices.count);
    this.watch(began, (milliseconds) => this.slices.spend(milliseconds));
  }

  /** Shadows are drawn once and stay: of everything. */
  private get castsAnew(): boolean {
    return this.stage.renderer.shadowMap.needsUpdate && this.stage.sun.castShadow;
  }

  private drawAtOnce(triangles: number, rests: boolean): void {
    const began = performance.now();
    const { render } = this.render(triangles);
    this.show(rests && !this.changed, 1);
    this.watch(began, (milliseconds) => {
      this.pace.learn(milliseconds, render.triangles);
      if (rests) this.slices.learn(milliseconds, this.objects().reduce((sum, { corners }) => sum + corners, 0));
    });
  }

  private render(triangles: number): WebGLRenderer["info"] {
    const { renderer, scene, camera, reach, detail } = this.stage;
    reach(this.castsAnew ? Infinity : triangles);
    detail(triangles === Infinity);
    renderer.info.reset();
    if (triangles === Infinity) this.target.use();
    else renderer.setRenderTarget(null); // a device that is slow smooths no edges while the camera moves
    renderer.render(scene, camera());
    if (triangles === Infinity) {
      this.target.show();
      this.whole = { triangles: renderer.info.render.triangles, calls: renderer.info.render.calls };
    }
    return renderer.info;
  }

  private cut(): Run[][] {
    if (this.slices.most === Infinity) return [];
    this.stage.reach(Infinity);
    this.stage.detail(true);
    return this.slices.cut(this.objects());
  }

  private drawSlice(): void {
    const { renderer, scene, camera } = this.stage;
    const runs = this.slices.next();
    const shown = this.shown();
    for (const object of shown) object.visible = false;
    for (const { object, start, count } of runs) {
      object.visible = true;
      object.geometry.setDrawRange(start, count);
    }
    this.target.use();
    renderer.autoClear = this.isFirst;
    renderer.render(scene, camera());
    renderer.autoClear = true;
    this.isFirst = false;
    for (const object of shown) object.visible = true;
    for (const { object } of runs) object.geometry.setDrawRange(0, Infinity);
    if (!this.slices.isUnderWay) this.target.show();
  }

  private shown(): Drawable[] {
    return this.stage.scene.children.filter(
      (one): one is Drawable => one.visible && (one instanceof Mesh || one instanceof LineSegments),
    );
  }

  /** What lies in the picture, in the order in which it is drawn. */
  private objects(): { object: Drawable; corners: number; step: number }[] {
    const camera = this.stage.camera();
    camera.updateMatrixWorld();
    const seen = new Frustum().setFromProjectionMatrix(
      new Matrix4().multiplyMatrices(camera.projectionMatrix, camera.matrixWorldInverse),
    );
    const rank = ({ material, renderOrder }: Drawable) => (material.transparent ? 1000 : 0) + renderOrder;
    return this.shown()
      .filter((one) => !one.frustumCulled || seen.intersectsObject(one))
      .sort((a, b) => rank(a) - rank(b))
      .map((object) => {
        const { index, attributes } = object.geometry;
        return { object, corners: (index ?? attributes["position"]!).count, step: object instanceof Mesh ? 3 : 2 };
      });
  }

  private show(isWhole: boolean, slices: number): void {
    this.stage.renderer.domElement.dataset["slices"] = String(slices);
    this.tell(isWhole);
    for (const listener of this.drawn) listener();
  }

  /** Whether the canvas shows everything as it is now. */
  private tell(isWhole: boolean): void {
    this.stage.renderer.domElement.dataset["whole"] = String(isWhole);
  }

  private watch(began: number, learn: (milliseconds: number) => void): void {
    this.pace.watch(this.stage.renderer.getContext() as WebGL2RenderingContext, began, (milliseconds) => {
      learn(milliseconds);
      if (this.changed || this.slices.isUnderWay) this.schedule();
    });
  }

  /** Everything as it is now, as a PNG. */
  snapshot(): Promise<Blob | null> {
    this.slices.abandon();
    this.render(Infinity);
    this.invalidate(); // a picture that was under way is begun anew
    return new Promise((resolve) => this.stage.renderer.domElement.toBlob(resolve, "image/png"));
  }

  /** Draw a frame to its last pixel, of everything or as while the camera moves; how long that took, ms. */
  timed(whole: boolean): number {
    const began = performance.now();
    if (!whole) this.pace.move();
    const { render } = this.render(whole ? Infinity : this.pace.allowed);
    const gl = this.stage.renderer.getContext();
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4)); // waits for the graphics
    const took = performance.now() - began;
    this.pace.learn(took, render.triangles);
    return took;
  }

  dispose(): void {
    cancelAnimationFrame(this.pending);
    this.target.dispose();
  }
}
