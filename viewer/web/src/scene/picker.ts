/** Which scene row lies under a pixel: every row drawn in a colour of its own, one pixel of it. */

import { Color, type OrthographicCamera, type PerspectiveCamera, Scene, Vector2, type WebGLRenderer, WebGLRenderTarget } from "three";

export class Picker {
  readonly scene = new Scene();
  private readonly target = new WebGLRenderTarget(1, 1);

  /** The row at a pixel of the canvas (CSS pixels from its upper left corner); -1 where there is none. */
  rowAt(renderer: WebGLRenderer, camera: PerspectiveCamera | OrthographicCamera, x: number, y: number): number {
    const size = renderer.getSize(new Vector2());
    const ratio = renderer.getPixelRatio();
    camera.setViewOffset(size.x * ratio, size.y * ratio, Math.floor(x * ratio), Math.floor(y * ratio), 1, 1);
    const background = renderer.getClearColor(new Color());
    const alpha = renderer.getClearAlpha();
    renderer.setClearColor(0, 0);
    renderer.setRenderTarget(this.target);
    renderer.clear();
    renderer.render(this.scene, camera);
    const pixel = new Uint8Array(4);
    renderer.readRenderTargetPixels(this.target, 0, 0, 1, 1, pixel);
    renderer.setRenderTarget(null);
    renderer.setClearColor(background, alpha);
    camera.clearViewOffset();
    return pixel[0]! + pixel[1]! * 256 + pixel[2]! * 65536 - 1;
  }

  dispose(): void {
    this.target.dispose();
  }
}
