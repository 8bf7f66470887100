import type { Figure } from './figure.ts';
import { ip, Lab } from './lab.ts';
import { interleave } from './measure.ts';

const NAMESPACES = 10_000;
const IDLE_HOSTS = 20_000;
/** What the goal is given for. */
const GOAL_HOSTS = 100_000;

/** What the kernel needed for the same on the recording machine, in seconds. */
const KERNEL_SECONDS = 50.8;

/**
 * Namespaces of one machine, each with a veth pair to the first, addresses on both ends, `lo` up and a default route.
 * Returns the lab, so that it can be kept.
 */
export function namespaces(n: number): Lab {
  const lab = new Lab();
  const hub = lab.machine();
  for (let i = 0; i < n; i++) {
    const netns = hub.kernel.newNetns();
    const [near, far] = lab.cable(hub, netns, `v${i}`);
    const net = ip(10, 0, 0, 0) + 4 * i;
    lab.address(hub, near, net + 1, 30);
    lab.up(netns, 1);
    lab.address(netns, far, net + 2, 30);
    lab.route(netns, 0, 0, net + 1, far);
  }
  return lab;
}

/** P16: how long it takes to set up 10,000 namespaces. */
export async function measureNamespaces(): Promise<Figure[]> {
  const run = () => void namespaces(NAMESPACES);
  const [cost] = await interleave([{ name: 'namespaces', ops: 1e9, run }], 3);
  return [
    {
      id: 'P16',
      what: `${NAMESPACES} namespaces with veth pair, addresses and route`,
      value: cost?.wall,
      unit: 's',
      goal: 0.02 * KERNEL_SECONDS,
      against: "0.02 of the kernel's recorded time",
    },
  ];
}

/** Bytes of heap and of array buffers that are in use. */
function inUse(): number {
  globalThis.gc?.();
  globalThis.gc?.(); // array buffers that the first found unused are given back by now
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** P19 and P20: memory of hosts that do nothing, once addresses are checked and routers solicited. */
export function measureMemory(): Figure[] {
  const before = inUse();
  const ownRss = process.memoryUsage().rss; // Node and the code: there once however many hosts
  const lab = namespaces(IDLE_HOSTS);
  lab.sim.runEvents(30_000_000_000);
  const bytes = (inUse() - before) / IDLE_HOSTS;
  const grown = (process.memoryUsage().rss - ownRss) * (GOAL_HOSTS / IDLE_HOSTS);
  const rss = (ownRss + grown) / 1e6;
  const what = `of ${IDLE_HOSTS} idle namespaces after 30 simulated seconds`;
  if (lab.sim.now === 0) throw new Error('no time has passed');
  return [
    {
      id: 'P19',
      what: `memory each ${what}`,
      value: bytes / 1024,
      unit: 'KiB',
      goal: 0.25 * 17,
      against: "0.25 of ns-3's recorded 17 KiB per node",
    },
    {
      id: 'P19',
      what: 'the same',
      value: bytes / 1024,
      unit: 'KiB',
      goal: 0.015 * 300,
      against: "0.015 of the kernel's recorded 300 KiB",
    },
    {
      id: 'P20',
      what: `resident size of Node and, times ${GOAL_HOSTS / IDLE_HOSTS}, ${what.slice(3)}`,
      value: rss,
      unit: 'MB',
      goal: 800,
      against: 'absolute goal',
    },
  ];
}
