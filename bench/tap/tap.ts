import { spawnSync } from 'node:child_process';
import type { Figure } from '../figure.ts';
import { median } from '../measure.ts';
import { type Flow, flows, LAB, type Path, PEER } from './flow.ts';
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

/** The kernel behind slirp4netns: the loopback of `outer` is 10.0.2.2. */
async function slirp(places: Places, outer: string, mtu: number): Promise<Path> {
  const netns = places.make(`slirp${mtu}`);
  const options = [
    '--netns-type=path',
    '--configure',
    `--mtu=${mtu}`,
    `/run/netns/${netns}`,
    'tap0',
  ];
  const carrier = places.start(outer, 'slirp4netns', ...options);
  await carrier.until(/sent tapfd/);
  return { netns, host: '10.0.2.2', carrier };
}

const SKIPPED = 'needs root, network namespaces, ip, ethtool and slirp4netns';

/** P10, P11, P12: bulk TCP through a TAP device, beside slirp4netns. */
export async function measureTaps(): Promise<Figure[]> {
  if (!Places.can('ethtool', 'slirp4netns'))
    return ['P10', 'P11', 'P12'].map((id) => skipped(id, 'TCP through a TAP device', SKIPPED));
  const places = new Places();
  try {
    const outer = places.make('outer');
    await places.start(outer, ...PEER, 'serve', '5001').until(/ready/);
    const paths = [
      await lab(places, 'frames'),
      await lab(places, 'host'),
      await slirp(places, outer, 1500),
      await slirp(places, outer, 65_520),
    ];
    const up = await flows(places, paths, true);
    const down = await flows(places, paths, false);
    return tapFigures(up as Four, down as Four);
  } finally {
    await places.end();
  }
}

type Four = [frames: Flow, whole: Flow, slirp: Flow, slirpLong: Flow];

/** A figure that could not be measured. */
export function skipped(id: string, what: string, against: string): Figure {
  return { id, what, value: undefined, unit: '', goal: undefined, against: `skipped: ${against}` };
}

/** A throughput as a ratio to a peer's. */
export function ratio(id: string, what: string, us: Flow, peer: Flow, goal: number): Figure {
  const against = `${us.rate.toFixed(2)} against ${peer.rate.toFixed(2)} Gbit/s`;
  return { id, what, value: us.rate / peer.rate, unit: '×', goal, orMore: true, against };
}

/** CPU for a GB as a ratio to a peer's. */
export function cpuRatio(id: string, what: string, us: Flow, peer: Flow, goal?: number): Figure {
  const against = `${us.cpu.toFixed(2)} against ${peer.cpu.toFixed(2)} s/GB`;
  return { id, what, value: us.cpu / peer.cpu, unit: '×', goal, against };
}

function tapFigures(up: Four, down: Four): Figure[] {
  const at1500 = 'throughput through a TAP device in frames of 1500, of slirp4netns';
  const whole = 'throughput in super-segments, of slirp4netns with an MTU of 65520';
  return [
    ratio('P10', `${at1500}: up`, up[0], up[2], 1.5),
    ratio('P10', `${at1500}: down`, down[0], down[2], 0.7),
    cpuRatio('P11', 'CPU of the relay, frames of 1500, up', up[0], up[2], 0.6),
    cpuRatio('P11', 'the same, down', down[0], down[2]),
    ratio('P12', `${whole}: up`, up[1], up[3], 1),
    ratio('P12', `${whole}: down`, down[1], down[3], 0.8),
    cpuRatio('P12', 'CPU of the relay, super-segments, up', up[1], up[3]),
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
