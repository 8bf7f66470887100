import { spawnSync } from 'node:child_process';
import type { Figure } from '../figure.ts';
import { median } from '../measure.ts';
import { type Flow, flows, LAB, type Path, PEER } from './flow.ts';
import { outside, pasta, slirp } from './peers.ts';
import { ip, Places } from './places.ts';

/** A lab's host behind a TAP device of a namespace of its own. @param what `frames` for one without super-segments */
async function lab(places: Places, what: 'host' | 'frames'): Promise<Path> {
  const netns = places.make(what);
  const carrier = places.start(netns, ...LAB, what, 'tap:lab0');
  await carrier.until(/ready/);
  ip(`-n ${netns} addr add 10.9.0.2/24 dev lab0`);
  ip(`-n ${netns} link set lab0 up`);
  if (what === 'frames') withoutOffloads(netns, 'lab0');
  return { netns, host: '10.9.0.1', carrier };
}

/** Makes the kernel send a device nothing but frames of the wire. */
export function withoutOffloads(netns: string, dev: string): void {
  const line = `netns exec ${netns} ethtool -K ${dev} tso off gso off tx off`;
  const { status, stderr } = spawnSync('ip', line.split(' '), { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ethtool: ${stderr}`);
}

const LONG_MTU = 65_520;

/** A program that carries what a namespace sends to sockets of its own. */
interface Peer {
  readonly tool: string;
  start(places: Places, outer: string, mtu: number): Promise<Path>;
  /** What PERFORMANCE.md asks for beside it. */
  readonly goals: Goals | undefined;
}

/** Of what has up and down, up is first. */
interface Goals {
  readonly frames: readonly [number, number];
  readonly cpu: number;
  readonly whole: readonly [number, number];
}

const PEERS: readonly Peer[] = [
  {
    tool: 'slirp4netns',
    start: slirp,
    goals: { frames: [1.5, 0.7], cpu: 0.6, whole: [1, 0.8] },
  },
  { tool: 'pasta', start: pasta, goals: undefined },
];

/** P10, P11, P12: bulk TCP through a TAP device, beside slirp4netns and pasta. */
export async function measureTaps(): Promise<Figure[]> {
  const what = 'TCP through a TAP device';
  if (!Places.can('ethtool'))
    return ['P10', 'P11', 'P12'].map((id) =>
      skipped(id, what, 'needs root, network namespaces, ip and ethtool'),
    );
  const here = PEERS.filter(({ tool }) => Places.can(tool));
  const absent = PEERS.filter((peer) => !here.includes(peer)).map(({ tool }) =>
    skipped('P10', `${what}, of ${tool}`, `needs ${tool}`),
  );
  return here.length === 0 ? absent : [...(await besides(here)), ...absent];
}

async function besides(peers: readonly Peer[]): Promise<Figure[]> {
  const places = new Places();
  try {
    const outer = outside(places, 'outer');
    await places.start(outer, ...PEER, 'serve', '5001').until(/ready/);
    const paths = [await lab(places, 'frames'), await lab(places, 'host')];
    for (const { start } of peers)
      for (const mtu of [1500, LONG_MTU]) paths.push(await start(places, outer, mtu));
    const up = await flows(places, paths, true);
    const down = await flows(places, paths, false);
    return peers.flatMap((peer, i) => {
      const four = (all: readonly Flow[]) =>
        [all[0], all[1], all[2 + 2 * i], all[3 + 2 * i]] as unknown as Four;
      return tapFigures(peer, four(up), four(down));
    });
  } finally {
    await places.end();
  }
}

type Four = readonly [frames: Flow, whole: Flow, peer: Flow, peerLong: Flow];

/** A figure that could not be measured. */
export function skipped(id: string, what: string, against: string): Figure {
  return { id, what, value: undefined, unit: '', goal: undefined, against: `skipped: ${against}` };
}

/** A throughput as a ratio to a peer's. */
export function ratio(id: string, what: string, us: Flow, peer: Flow, goal?: number): Figure {
  const against = `${us.rate.toFixed(2)} against ${peer.rate.toFixed(2)} Gbit/s`;
  return { id, what, value: us.rate / peer.rate, unit: '×', goal, orMore: true, against };
}

/** CPU for a GB as a ratio to a peer's. */
export function cpuRatio(id: string, what: string, us: Flow, peer: Flow, goal?: number): Figure {
  const against = `${us.cpu.toFixed(2)} against ${peer.cpu.toFixed(2)} s/GB`;
  return { id, what, value: us.cpu / peer.cpu, unit: '×', goal, against };
}

function tapFigures({ tool, goals }: Peer, up: Four, down: Four): Figure[] {
  const at1500 = `throughput through a TAP device in frames of 1500, of ${tool}`;
  const whole = `throughput in super-segments, of ${tool} with an MTU of ${LONG_MTU}`;
  const cpu = `CPU of the relay, of ${tool}`;
  return [
    ratio('P10', `${at1500}: up`, up[0], up[2], goals?.frames[0]),
    ratio('P10', `${at1500}: down`, down[0], down[2], goals?.frames[1]),
    cpuRatio('P11', `${cpu}, frames of 1500, up`, up[0], up[2], goals?.cpu),
    cpuRatio('P11', 'the same, down', down[0], down[2]),
    ratio('P12', `${whole}: up`, up[1], up[3], goals?.whole[0]),
    ratio('P12', `${whole}: down`, down[1], down[3], goals?.whole[1]),
    cpuRatio('P12', `${cpu}, super-segments, up`, up[1], up[3]),
    cpuRatio('P12', 'the same, down', down[1], down[3]),
  ];
}

/** Echoes a second, and how many. */
const [INTERVAL, ECHOES] = ['0.005', '400'];

/** P15: the round trip of an echo through a TAP device to a host of a lab. */
export async function measureEcho(): Promise<Figure[]> {
  const what = 'round trip of an echo through a TAP device, median';
  if (!Places.can('ping')) return [skipped('P15', what, 'needs root, network namespaces and ping')];
  const places = new Places();
  try {
    const { netns, host } = await lab(places, 'host');
    const ping = ['ping', '-i', INTERVAL, '-c', ECHOES, host];
    await places.run(netns, ...ping);
    const said = await places.run(netns, ...ping);
    const times = [...said.matchAll(/time=([\d.]+) ms/g)].map((m) => Number(m[1]) * 1000);
    const against = `absolute goal; ${times.length} of ${ECHOES} answered, the fastest in ${Math.min(...times)} us`;
    return [{ id: 'P15', what, value: median(times), unit: 'us', goal: 200, against }];
  } finally {
    await places.end();
  }
}
