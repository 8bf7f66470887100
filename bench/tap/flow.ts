import { median } from '../measure.ts';
import type { Places, Running } from './places.ts';

const ROUNDS = 3;
const SECONDS = 2;

/** Starts the kernel's end of a connection: see that file. */
export const PEER = ['node', 'bench/tap/tcp-peer.mjs'];
/** Starts the lab's end: see that file. */
export const LAB = [
  'node',
  '--conditions=labwire-source',
  '--import',
  'tsx',
  'bench/tap/lab-end.ts',
];

/** Something that carries a connection from a namespace to its other end. */
export interface Path {
  /** Where the kernel's end of the connection is. */
  readonly netns: string;
  /** The other end, as seen from there: it takes what is sent to port 5001, and sends at 5002. */
  readonly host: string;
  /** The process that carries it. */
  readonly carrier: Running;
}

/** What passed. */
export interface Flow {
  /** Gbit/s. */
  readonly rate: number;
  /** Seconds of the carrier's CPU for a GB. */
  readonly cpu: number;
}

async function once(places: Places, { netns, host, carrier }: Path, up: boolean): Promise<Flow> {
  const [what, port] = up ? ['send', '5001'] : ['receive', '5002'];
  const before = carrier.cpu();
  const said = await places.run(netns, ...PEER, what, host, port, `${SECONDS}`);
  const cpu = carrier.cpu() - before;
  const { bytes, seconds } = JSON.parse(said) as { bytes: number; seconds: number };
  return { rate: (bytes * 8) / seconds / 1e9, cpu: cpu / (bytes / 1e9) };
}

/**
 * Bulk TCP over each path by turns, after one round that warms up.
 * @param up from the namespace to the other end
 * @returns medians, in order
 */
export async function flows(places: Places, paths: readonly Path[], up: boolean): Promise<Flow[]> {
  const all = paths.map((): Flow[] => []);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [i, path] of paths.entries()) {
      const flow = await once(places, path, up);
      if (round > 0) all[i]?.push(flow);
    }
  }
  return all.map((f) => ({ rate: median(f.map((x) => x.rate)), cpu: median(f.map((x) => x.cpu)) }));
}
