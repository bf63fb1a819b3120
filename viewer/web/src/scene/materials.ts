/** Materials whose colour and visibility come from the states of the scene rows. */

import {
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
  Vector3,
} from "three";
import { COLOURED, GHOST, HIDDEN, PALE, UNKNOWN } from "./states.ts";

export interface Shared {
  states: { value: Texture };
  /** Colours in sRGB, as the states have them. */
  accent: { value: Vector3 };
  pale: { value: Vector3 };
  cut: { value: Vector3 };
  /** Pixels of the device per pixel of the page: hatching keeps its width. */
  scale: { value: number };
}

type Pass = "solid" | "ghost" | "pick" | "depth" | "line" | "cells";

// A triangle may be smaller than a pixel: what is the same all over it is worked out per corner, in few varyings.
const VERTEX_HEAD = /* glsl */ `
attribute float elementRow;
uniform sampler2D states;
#ifdef BASE_COLOUR
attribute vec4 baseColour;
uniform vec3 accent;
uniform vec3 pale;
flat varying vec4 vColour; // sRGB
flat varying float vBits;
#endif
#ifdef PICKED
flat varying float vRow;
#endif
`;

const VERTEX_STATE = /* glsl */ `
int stateRow = int(elementRow + 0.5);
vec4 state = texelFetch(states, ivec2(stateRow & 1023, stateRow >> 10), 0);
int stateBits = int(state.a * 255.0 + 0.5);
int stateMode = stateBits & 7;
#ifdef PICKED
vRow = elementRow + 1.0;
#endif
#ifdef BASE_COLOUR
vBits = float(stateBits);
vColour = baseColour;
if (stateMode == ${COLOURED} || stateMode == ${UNKNOWN}) vColour = vec4(state.rgb, max(vColour.a, 0.85));
if (stateMode == ${PALE}) vColour.rgb = pale;
if ((stateBits & 8) != 0) {
  vColour.a = max(vColour.a, 0.6);
  if (stateMode != ${UNKNOWN}) vColour.rgb = mix(vColour.rgb, accent, 0.75);
}
#endif
`;

const FRAGMENT_HEAD = /* glsl */ `
uniform vec3 accent;
uniform vec3 cut;
uniform float scale;
#ifdef BASE_COLOUR
flat varying vec4 vColour;
flat varying float vBits;
#endif
#ifdef PICKED
flat varying float vRow;
#endif
vec3 toLinear(vec3 c) { return mix(c / 12.92, pow((c + 0.055) / 1.055, vec3(2.4)), step(0.04045, c)); }
float hatch() {
  float along = mod((gl_FragCoord.x + gl_FragCoord.y) / scale, 9.0);
  return smoothstep(0.0, 1.0, along) - smoothstep(3.5, 4.5, along);
}
`;

// Sets diffuseColor; ``flatLight`` says how much of the colour does not depend on the light.
const FRAGMENT_COLOUR = /* glsl */ `
int bits = int(vBits + 0.5);
int mode = bits & 7;
bool isSelected = (bits & 8) != 0;
vec3 shown = vColour.rgb;
if (mode == ${UNKNOWN}) {
  shown = vec3(mix(0.81, 0.60, hatch()));
  if (isSelected) shown = mix(shown, accent, 0.75);
}
diffuseColor = vec4(toLinear(shown), vColour.a);
float flatLight = mode == ${COLOURED} || mode == ${UNKNOWN} ? 0.75 : 0.0;
if (isSelected) flatLight = 0.5;
`;

const FRAGMENT_LIGHT = /* glsl */ `
outgoingLight = mix(outgoingLight, diffuseColor.rgb, flatLight);
#ifdef CAPPED
if (!gl_FrontFacing && vColour.a > 0.97) { outgoingLight = toLinear(isSelected ? accent : cut); diffuseColor.a = 1.0; }
#endif
`;

/** Which rows a pass draws; the others leave the picture as points outside it. */
const DRAWN: Record<Pass, string> = {
  solid: `stateMode > ${GHOST}`,
  pick: `stateMode > ${GHOST}`,
  depth: `stateMode > ${GHOST} && (stateBits & 16) == 0`,
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
        .replace(/}\s*$/, `if ((stateBits & 16) != 0) gl_Position.z += 3e-4 * gl_Position.w;
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
  const pick = new MeshBasicMaterial({ side: DoubleSide, blending: NoBlending });
  pick.defines = { PICKED: "" };
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
    pick: patched(pick, "pick", shared, false),
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

/** A colour 0xrrggbb in sRGB, 0..1. */
export function srgb(hex: number): Vector3 {
  return new Vector3(hex >> 16, (hex >> 8) & 255, hex & 255).divideScalar(255);
}
