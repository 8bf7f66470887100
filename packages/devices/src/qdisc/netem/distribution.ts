/** Values of a table are multiples of the jitter, times this. NETEM_DIST_SCALE */
export const DIST_SCALE = 8192;

/** Shapes that a delay may have around its mean; a uniform one needs no table. */
export type DistributionName = 'uniform' | 'normal' | 'pareto';

/** e^x for x <= 0, from operations that give the same everywhere. */
function exp(x: number): number {
  let halvings = 0;
  let y = x;
  for (; y < -0.5; halvings++) y /= 2;
  let sum = 1;
  let term = 1;
  for (let n = 1; n < 20; n++) {
    term *= y / n;
    sum += term;
  }
  for (; halvings > 0; halvings--) sum *= sum;
  return sum;
}

/** The inverse of the normal distribution function at 4096 evenly spaced places. */
function normal(): Int16Array {
  const size = 4096;
  const table = new Int16Array(size);
  const step = 1 / 4096;
  let area = 0;
  let next = 0;
  const total = 2.506628274631; // the root of two pi
  for (let x = -4; next < size; x += step) {
    area += (exp((-x * x) / 2) * step) / total;
    while (next < size && (next + 0.5) / size <= area) table[next++] = Math.round(x * DIST_SCALE);
    if (x > 4) while (next < size) table[next++] = 4 * DIST_SCALE - 1;
  }
  return table;
}

function cubeRoot(v: number): number {
  let x = Math.max(v, 1);
  for (let i = 0; i < 60; i++) x = (2 * x + v / (x * x)) / 3;
  return x;
}

/** A Pareto distribution of shape 3, shifted and stretched to mean 0 and deviation 1. */
function pareto(): Int16Array {
  const size = 4096;
  return Int16Array.from({ length: size }, (_, i) => {
    const share = (size - i) / size;
    const value = (cubeRoot(1 / share) - 1.5) * (4 / 3) * DIST_SCALE;
    return Math.min(32_767, Math.round(value));
  });
}

const tables = new Map<DistributionName, Int16Array>();

/** The table of a distribution, made when first asked for; null for the uniform one. */
export function distribution(name: DistributionName): Int16Array | null {
  if (name === 'uniform') return null;
  const known = tables.get(name) ?? (name === 'normal' ? normal() : pareto());
  tables.set(name, known);
  return known;
}
