/** Where a picture is made before the canvas shows it, so that it may take several frames to make one. */

import { SRGBColorSpace, Vector2, type WebGLRenderer, WebGLRenderTarget } from "three";

const SAMPLES = 4;

/** What three.js has for headsets and does not declare. */
interface OwnFramebuffers {
  setRenderTargetFramebuffer(target: WebGLRenderTarget, framebuffer: WebGLFramebuffer): void;
}

/** A smoothed framebuffer of the canvas' size. three.js' own would forget its depth after each call. */
export class CanvasTarget {
  private readonly renderer: WebGLRenderer & OwnFramebuffers;
  private readonly gl: WebGL2RenderingContext;
  private readonly target: WebGLRenderTarget;
  private readonly framebuffer: WebGLFramebuffer;
  private readonly colour: WebGLRenderbuffer;
  private readonly depth: WebGLRenderbuffer;
  private readonly size = new Vector2();

  constructor(renderer: WebGLRenderer) {
    this.renderer = renderer as WebGLRenderer & OwnFramebuffers;
    this.gl = renderer.getContext() as WebGL2RenderingContext;
    this.framebuffer = this.gl.createFramebuffer();
    this.colour = this.gl.createRenderbuffer();
    this.depth = this.gl.createRenderbuffer();
    this.target = new WebGLRenderTarget(1, 1);
    this.target.texture.colorSpace = SRGBColorSpace;
    // A framebuffer that is not three.js' own, holding the colours of a screen: to three.js that of a headset.
    Object.assign(this.target, { isXRRenderTarget: true });
    this.renderer.setRenderTargetFramebuffer(this.target, this.framebuffer);
  }

  /** What the renderer draws now goes here. */
  use(): void {
    this.renderer.getDrawingBufferSize(this.size);
    const { x: width, y: height } = this.size;
    if (this.target.width !== width || this.target.height !== height) {
      this.target.setSize(width, height);
      this.renderer.setRenderTargetFramebuffer(this.target, this.framebuffer);
      this.allocate(width, height);
    }
    this.renderer.setRenderTarget(this.target);
  }

  private allocate(width: number, height: number): void {
    const { gl } = this;
    const samples = Math.min(SAMPLES, gl.getParameter(gl.MAX_SAMPLES) as number);
    this.renderer.state.bindFramebuffer(gl.FRAMEBUFFER, this.framebuffer);
    for (const [buffer, format, attachment] of [
      [this.colour, gl.RGBA8, gl.COLOR_ATTACHMENT0],
      [this.depth, gl.DEPTH_COMPONENT24, gl.DEPTH_ATTACHMENT],
    ] as const) {
      gl.bindRenderbuffer(gl.RENDERBUFFER, buffer);
      gl.renderbufferStorageMultisample(gl.RENDERBUFFER, samples, format, width, height);
      gl.framebufferRenderbuffer(gl.FRAMEBUFFER, attachment, gl.RENDERBUFFER, buffer);
    }
    gl.bindRenderbuffer(gl.RENDERBUFFER, null);
  }

  /** Show the picture on the canvas. */
  show(): void {
    const { gl, renderer } = this;
    const { x: width, y: height } = this.size;
    renderer.setRenderTarget(null);
    renderer.state.bindFramebuffer(gl.READ_FRAMEBUFFER, this.framebuffer);
    renderer.state.bindFramebuffer(gl.DRAW_FRAMEBUFFER, null);
    gl.blitFramebuffer(0, 0, width, height, 0, 0, width, height, gl.COLOR_BUFFER_BIT, gl.NEAREST);
    renderer.state.bindFramebuffer(gl.READ_FRAMEBUFFER, null);
  }

  dispose(): void {
    this.gl.deleteFramebuffer(this.framebuffer);
    this.gl.deleteRenderbuffer(this.colour);
    this.gl.deleteRenderbuffer(this.depth);
    this.target.dispose();
  }
}
