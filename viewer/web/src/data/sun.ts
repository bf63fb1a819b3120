/** Where the sun stands: the low-precision formulas of the Astronomical Almanac (to 0.01°, 1950 to 2050). */

const RAD = Math.PI / 180;

export interface SunPosition {
  altitude_deg: number;
  /** Clockwise from true north. */
  azimuth_deg: number;
}

export function sunPosition(time_ms: number, latitude_deg: number, longitude_deg: number): SunPosition {
  const days = time_ms / 86400000 + 2440587.5 - 2451545;
  const meanLongitude = 280.46 + 0.9856474 * days;
  const anomaly = (357.528 + 0.9856003 * days) * RAD;
  const longitude = (meanLongitude + 1.915 * Math.sin(anomaly) + 0.02 * Math.sin(2 * anomaly)) * RAD;
  const obliquity = (23.439 - 0.0000004 * days) * RAD;
  const rightAscension = Math.atan2(Math.cos(obliquity) * Math.sin(longitude), Math.cos(longitude));
  const declination = Math.asin(Math.sin(obliquity) * Math.sin(longitude));
  const sidereal = (280.46061837 + 360.98564736629 * days + longitude_deg) * RAD;
  const hourAngle = sidereal - rightAscension;
  const latitude = latitude_deg * RAD;
  const altitude = Math.asin(
    Math.sin(latitude) * Math.sin(declination) + Math.cos(latitude) * Math.cos(declination) * Math.cos(hourAngle),
  );
  const azimuth = Math.atan2(
    -Math.sin(hourAngle),
    Math.tan(declination) * Math.cos(latitude) - Math.sin(latitude) * Math.cos(hourAngle),
  );
  return { altitude_deg: altitude / RAD, azimuth_deg: (((azimuth / RAD) % 360) + 360) % 360 };
}

/** Unit vector to the sun in scene axes (y up); ``north_deg`` is the azimuth of the model's +Y. */
export function sunDirection(sun: SunPosition, north_deg: number): [number, number, number] {
  const angle = (sun.azimuth_deg - north_deg) * RAD;
  const level = Math.cos(sun.altitude_deg * RAD);
  return [Math.sin(angle) * level, Math.sin(sun.altitude_deg * RAD), -Math.cos(angle) * level];
}
