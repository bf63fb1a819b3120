/** A point well inside a ring [x, y, x, y, …]: the middle of its widest level chord at the height of its centroid. */
export function innerPoint(ring: number[]): [number, number] {
  const count = ring.length / 2;
  const x = (i: number) => ring[(i % count) * 2]!;
  const y = (i: number) => ring[(i % count) * 2 + 1]!;
  let area = 0;
  let moment = 0;
  for (let i = 0; i < count; i++) {
    const cross = x(i) * y(i + 1) - x(i + 1) * y(i);
    area += cross / 2;
    moment += (y(i) + y(i + 1)) * cross;
  }
  const height = moment / (6 * area);
  const crossings: number[] = [];
  for (let i = 0; i < count; i++)
    if (y(i) > height !== y(i + 1) > height)
      crossings.push(x(i) + ((height - y(i)) / (y(i + 1) - y(i))) * (x(i + 1) - x(i)));
  crossings.sort((a, b) => a - b);
  let best: [number, number] = [x(0), y(0)];
  let widest = 0;
  for (let i = 0; i + 1 < crossings.length; i += 2) {
    const width = crossings[i + 1]! - crossings[i]!;
    if (width > widest) [widest, best] = [width, [crossings[i]! + width / 2, height]];
  }
  return best;
}
