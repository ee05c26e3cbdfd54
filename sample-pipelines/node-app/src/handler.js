// The function's entry: { hours, range } in, { level } out.
import { level } from "./tides.js";

export async function handler({ hours, range }) {
  return { level: Number(level(hours, range).toFixed(2)) };
}
