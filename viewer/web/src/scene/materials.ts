/** Materials whose colour and visibility come from the states of the scene rows. */

import {
  Color,
  DoubleSide,
  LineBasicMaterial,
  type Material,
  MeshBasicMaterial,
  MeshDepthMaterial,
  MeshLambertMaterial,
  NoBlending,
  type Plane,
  RGBADepthPacking,
  type Texture,
} from "three";
import { COLOURED, GHOST, HIDDEN, PALE, UNKNOWN } from "./states.ts";

export interface Shared {
  states: { value: Texture };
  accent: { value: Color };
  pale: { value: Color };
  cut: { value: Color };
  /** Pixels of the device per pixel of the page: hatching keeps its width. */
  scale: { value: number };
}

type Pass = "solid" | "ghost" | "pick" | "depth" | "line" | "cells";

const VERTEX_HEAD = /* glsl */ `
attribute float elementRow;
uniform sampler2D states;
flat varying vec4 vState;
flat varying float vRow;
#ifdef BASE_COLOUR
attribute vec4 baseColour;
flat varying vec4 vBase;
#endif
`;

const VERTEX_STATE = /* glsl */ `
int stateRow = int(elementRow + 0.5);
vState = texelFetch(states, ivec2(stateRow % 1024, stateRow / 1024), 0);
vRow = elementRow + 1.0;
#ifdef BASE_COLOUR
vBase = baseColour;
#endif
int stateMode = int(vState.a * 255.0 + 0.5) & 7;
`;

const FRAGMENT_HEAD = /* glsl */ `
flat varying vec4 vState;
flat varying float vRow;
uniform vec3 accent;
uniform vec3 pale;
uniform vec3 cut;
uniform float scale;
#ifdef BASE_COLOUR
flat varying vec4 vBase;
#endif
vec3 toLinear(vec3 c) { return mix(c / 12.92, pow((c + 0.055) / 1.055, vec3(2.4)), step(0.04045, c)); }
float hatch() {
  float along = mod((gl_FragCoord.x + gl_FragCoord.y) / scale, 9.0);
  return smoothstep(0.0, 1.0, along) - smoothstep(3.5, 4.5, along);
}
`;

// Sets diffuseColor; ``flatLight`` says how much of the colour does not depend on the light.
const FRAGMENT_COLOUR = /* glsl */ `
int bits = int(vState.a * 255.0 + 0.5);
int mode = bits & 7;
bool isSelected = (bits & 8) != 0;
diffuseColor = vec4(toLinear(vBase.rgb), vBase.a);
float flatLight = 0.0;
if (mode == ${COLOURED}) { diffuseColor = vec4(toLinear(vState.rgb), max(vBase.a, 0.85)); flatLight = 0.75; }
if (mode == ${UNKNOWN}) { diffuseColor = vec4(mix(vec3(0.62), vec3(0.32), hatch()), max(vBase.a, 0.85)); flatLight = 0.75; }
if (mode == ${PALE}) { diffuseColor = vec4(pale, vBase.a); }
if (isSelected) { diffuseColor = vec4(mix(diffuseColor.rgb, accent, 0.75), max(diffuseColor.a, 0.6)); flatLight = 0.5; }
`;

const FRAGMENT_LIGHT = /* glsl */ `
outgoingLight = mix(outgoingLight, diffuseColor.rgb, flatLight);
#ifdef CAPPED
if (!gl_FrontFacing && vBase.a > 0.97) { outgoingLight = isSelected ? accent : cut; diffuseColor.a = 1.0; }
#endif
`;

/** Which rows a pass draws; the others leave the picture as points outside it. */
const DRAWN: Record<Pass, string> = {
  solid: `stateMode > ${GHOST}`,
  pick: `stateMode > ${GHOST}`,
  depth: `stateMode > ${GHOST} && (int(vState.a * 255.0 + 0.5) & 16) == 0`,
  line: `stateMode > ${HIDDEN}`,
  ghost: `stateMode == ${GHOST}`,
  cells: `stateMode > ${GHOST}`,
};

function patched<M extends Material>(material: M, pass: Pass, shared: Shared, colour: boolean): M {
  material.onBeforeCompile = (shader) => {
    Object.assign(shader.uniforms, shared);
    shader.vertexShader =
      VERTEX_HEAD +
      shader.vertexShader
        .replace("void main() {", `void main() {\n${VERTEX_STATE}`)
        .replace(/}\s*$/, `if ((int(vState.a * 255.0 + 0.5) & 16) != 0) gl_Position.z += 3e-4 * gl_Position.w;
          if (!(${DRAWN[pass]})) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);\n}`);
    let fragment = FRAGMENT_HEAD + shader.fragmentShader;
    if (colour)
      fragment = fragment
        .replace("#include <color_fragment>", FRAGMENT_COLOUR)
        .replace("#include <opaque_fragment>", `${FRAGMENT_LIGHT}\n#include <opaque_fragment>`);
    if (pass === "pick")
      fragment = fragment.replace(
        "#include <opaque_fragment>",
        `#include <opaque_fragment>
        gl_FragColor = vec4(mod(vRow, 256.0), mod(floor(vRow / 256.0), 256.0), floor(vRow / 65536.0), 255.0) / 255.0;`,
      ).replace("#include <colorspace_fragment>", "");
    shader.fragmentShader = fragment;
  };
  material.customProgramCacheKey = () => `${pass}${JSON.stringify(material.defines ?? {})}`;
  return material;
}

export interface Materials {
  opaque: MeshLambertMaterial;
  transparent: MeshLambertMaterial;
  ghost: MeshBasicMaterial;
  pick: MeshBasicMaterial;
  depth: MeshDepthMaterial;
  line: LineBasicMaterial;
  cells: MeshBasicMaterial;
}

export function createMaterials(shared: Shared): Materials {
  const base = { BASE_COLOUR: "" };
  const opaque = new MeshLambertMaterial({ flatShading: true, side: DoubleSide });
  opaque.defines = { ...base };
  const transparent = new MeshLambertMaterial({ flatShading: true, side: DoubleSide, transparent: true, depthWrite: false });
  transparent.defines = { ...base };
  // Faces stand a little behind their edges and the heat maps.
  for (const one of [opaque, transparent]) {
    one.polygonOffset = true;
    one.polygonOffsetFactor = 1;
    one.polygonOffsetUnits = 1;
  }
  return {
    opaque: patched(opaque, "solid", shared, true),
    transparent: patched(transparent, "solid", shared, true),
    ghost: patched(
      new MeshBasicMaterial({ color: 0x8899aa, transparent: true, opacity: 0.055, depthWrite: false, side: DoubleSide }),
      "ghost", shared, false,
    ),
    pick: patched(new MeshBasicMaterial({ side: DoubleSide, blending: NoBlending }), "pick", shared, false),
    depth: patched(new MeshDepthMaterial({ depthPacking: RGBADepthPacking, side: DoubleSide }), "depth", shared, false),
    line: patched(
      new LineBasicMaterial({ color: 0x1d2830, transparent: true, opacity: 0.34, depthWrite: false }),
      "line", shared, false,
    ),
    cells: patched(
      new MeshBasicMaterial({ vertexColors: true, side: DoubleSide, polygonOffset: true, polygonOffsetFactor: -2, polygonOffsetUnits: -2 }),
      "cells", shared, false,
    ),
  };
}

/** Cut everything by planes; what is cut shows its inside in the colour of a section. */
export function clip(materials: Materials, planes: Plane[]): void {
  const was = materials.opaque.defines?.["CAPPED"] !== undefined;
  const is = planes.length > 0;
  for (const one of Object.values(materials) as Material[]) one.clippingPlanes = is ? planes : null;
  materials.opaque.clipShadows = materials.depth.clipShadows = true;
  if (was !== is) {
    materials.opaque.defines = is ? { BASE_COLOUR: "", CAPPED: "" } : { BASE_COLOUR: "" };
    materials.opaque.needsUpdate = true;
  }
}

/** A colour of the page's style as linear light. */
export function colourOf(css: string): Color {
  return new Color(css);
}
