/** How much a frame may draw: everything while the camera rests; while it moves, what the device draws in time. */

const FRAME_MS = 60; // a moving picture that takes longer is felt as stuck
const FAST_MS = 25;
const LEAST_TRIANGLES = 50_000;
const REST_MS = 200;
const POLL_MS = 4;

export class Pace {
  /** The camera is being turned. */
  moving = false;
  /** Triangles that this device draws in time; infinite until a frame was slow. */
  budget = Infinity;
  private rest = 0;
  /** A frame that is watched is still being drawn. */
  busy = false;
  private readonly onRest: () => void;

  constructor(onRest: () => void) {
    this.onRest = onRest;
  }

  /** The camera has moved. */
  move(): void {
    this.moving = true;
    clearTimeout(this.rest);
    this.rest = window.setTimeout(() => {
      this.moving = false;
      this.onRest();
    }, REST_MS);
  }

  /** Triangles that the next frame may draw. */
  get allowed(): number {
    return this.moving ? this.budget : Infinity;
  }

  /** Learn from a frame. */
  learn(milliseconds: number, triangles: number): void {
    if (milliseconds > FRAME_MS)
      this.budget = Math.max(LEAST_TRIANGLES, Math.min(this.budget, triangles) * (FRAME_MS / milliseconds) * 0.75);
    else if (milliseconds < FAST_MS && triangles >= 0.5 * this.budget) this.budget *= 1.5;
  }

  /** Tell how long the frame that was just given to the graphics took, once it is done; nobody waits for it. */
  watch(gl: WebGL2RenderingContext, began: number, done: (milliseconds: number) => void): void {
    if (this.busy) return;
    const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    if (!fence) return;
    this.busy = true;
    gl.flush();
    const ask = () => {
      const status = gl.clientWaitSync(fence, 0, 0);
      if (status === gl.TIMEOUT_EXPIRED && !gl.isContextLost()) {
        setTimeout(ask, POLL_MS);
        return;
      }
      gl.deleteSync(fence);
      this.busy = false;
      if (status !== gl.WAIT_FAILED) done(performance.now() - began);
    };
    setTimeout(ask, 0);
  }
}
