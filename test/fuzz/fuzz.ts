import { KINDS } from './devices.ts';
import { Round } from './round.ts';

const FRAMES = 200;

export interface FuzzOptions {
  readonly frames: number;
  readonly seed: number;
  /** Only this kind of device. */
  readonly kind?: string;
  /** Called with each kind once it is through. */
  readonly onKind?: (kind: string, frames: number, dropped: ReadonlyMap<string, number>) => void;
}

/**
 * Puts random frames into every kind of device, 200 for each draw of sysctls.
 * @throws {@link Error} with the kind, the seed and the frame that did not go well
 */
export function fuzz(options: FuzzOptions): void {
  const kinds = options.kind === undefined ? [...KINDS.keys()] : [options.kind];
  const rounds = Math.ceil(options.frames / FRAMES / kinds.length);
  for (const kind of kinds) {
    const dropped = new Map<string, number>();
    for (let i = 0; i < rounds; i++) {
      for (const [reason, n] of runRound(kind, options.seed + i))
        dropped.set(reason, (dropped.get(reason) ?? 0) + n);
    }
    options.onKind?.(kind, rounds * FRAMES, dropped);
  }
}

function runRound(kind: string, seed: number): ReadonlyMap<string, number> {
  try {
    return new Round(kind, seed).run(FRAMES).dropped;
  } catch (e) {
    throw new Error(`${kind}, seed ${seed}: ${(e as Error).message}`, { cause: e });
  }
}
