// High and low water, to a sine's accuracy.
const PERIOD = 12.42; // hours from one high water to the next

/** Water level in metres, `hours` after a high water of `range` metres above low water. */
export function level(hours, range) {
  return (range / 2) * (1 + Math.cos((2 * Math.PI * hours) / PERIOD));
}

/** Hours from one high water until the water has fallen to `metres`; undefined where it never does. */
export function fallsTo(metres, range) {
  if (metres < 0 || metres > range) return undefined;
  return (PERIOD / (2 * Math.PI)) * Math.acos((2 * metres) / range - 1);
}
