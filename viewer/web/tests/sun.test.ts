import assert from "node:assert/strict";
import { test } from "node:test";
import { sunDirection, sunPosition } from "../src/data/sun.ts";

const near = (value: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(value - expected) <= tolerance, `${value} is not ${expected} ± ${tolerance}`);

// NREL Solar Position Algorithm (NREL/TP-560-34302), its example: zenith 50.11162°, azimuth 194.34024°,
// there with refraction (0.01°) and parallax at 1,830 m.
test("the sun of the published example", () => {
  const sun = sunPosition(Date.parse("2003-10-17T19:30:30Z"), 39.742476, -105.1786);
  near(sun.altitude_deg, 90 - 50.11162, 0.03);
  near(sun.azimuth_deg, 194.34024, 0.03);
});

test("on the tropic the sun stands overhead at noon of the June solstice", () => {
  const sun = sunPosition(Date.parse("2024-06-20T12:02:00Z"), 23.44, 0);
  near(sun.altitude_deg, 90, 0.3);
});

test("a model whose +Y points east has the south sun at +X", () => {
  // +Y points east (azimuth 90°), so north is -X and south is +X.
  const [x, y, z] = sunDirection({ altitude_deg: 0, azimuth_deg: 180 }, 90);
  near(x, 1, 1e-9);
  near(y, 0, 1e-9);
  near(z, 0, 1e-9);
});
