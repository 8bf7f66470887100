// Measures the goals of this stage and prints them beside their targets: `npm run bench [-- P1 P22 …]`.
import { fork } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Figure, heading, line } from './figure.ts';

/** What measures some goals together. */
interface Family {
  readonly name: string;
  readonly goals: readonly string[];
  /** Options of the process that it runs in. */
  readonly node: readonly string[];
  measure(): Promise<Figure[]>;
}

/** A family has a process of its own, so that none warms up or fills the heap of another. */
const FAMILIES: readonly Family[] = [
  {
    name: 'events',
    goals: ['P1', 'P2'],
    node: [],
    measure: async () => (await import('./events.ts')).measureEvents(),
  },
  {
    name: 'chain',
    goals: ['P3', 'P4'],
    node: [],
    measure: async () => (await import('./chain.ts')).measureChains(),
  },
  {
    name: 'bulk',
    goals: ['P7'],
    node: [],
    measure: async () => (await import('./bulk.ts')).measureBulk(),
  },
  {
    name: 'nat',
    goals: ['P5', 'P6', 'P8', 'P9'],
    node: [],
    measure: async () => (await import('./nat.ts')).measureNat(),
  },
  {
    name: 'properties',
    goals: ['L1', 'L2'],
    node: [],
    measure: async () => (await import('./properties.ts')).measureProperties(),
  },
  {
    name: 'namespaces',
    goals: ['P16'],
    node: [],
    measure: async () => (await import('./namespaces.ts')).measureNamespaces(),
  },
  {
    name: 'memory',
    goals: ['P19', 'P20'],
    node: ['--expose-gc'],
    measure: async () => (await import('./namespaces.ts')).measureMemory(),
  },
  {
    name: 'garbage',
    goals: ['P21'],
    node: ['--expose-gc', '--max-semi-space-size=1024'],
    measure: async () => (await import('./garbage.ts')).measureGarbage(),
  },
  {
    name: 'taps',
    goals: ['P10', 'P11', 'P12'],
    node: [],
    measure: async () => (await import('./tap/tap.ts')).measureTaps(),
  },
  {
    name: 'bridge',
    goals: ['P13'],
    node: [],
    measure: async () => (await import('./tap/bridge.ts')).measureBridge(),
  },
  {
    name: 'guests',
    goals: ['P14'],
    node: [],
    measure: async () => (await import('./tap/guest.ts')).measureGuests(),
  },
  {
    name: 'echo',
    goals: ['P15'],
    node: [],
    measure: async () => (await import('./tap/tap.ts')).measureEcho(),
  },
  {
    name: 'start',
    goals: ['P18'],
    node: [],
    measure: async () => (await import('./start/start.ts')).measureStart(),
  },
  {
    name: 'wake-ups',
    goals: ['P22'],
    node: [],
    measure: async () => (await import('./wake-ups.ts')).measureWakeUps(),
  },
  {
    name: 'routes',
    goals: ['P17'],
    node: [],
    measure: async () => (await import('./tree.ts')).measureRoutes(),
  },
  {
    name: 'capture',
    goals: ['P23'],
    node: [],
    measure: async () => (await import('./capture.ts')).measureCapture(),
  },
  {
    name: 'scale',
    goals: ['P24'],
    node: [],
    measure: async () => (await import('./traffic.ts')).measureScale(),
  },
];

/** Measures a family in a process of its own. */
function measureApart({ name, node }: Family): Promise<Figure[]> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), ['--family', name], {
      execArgv: [...process.execArgv, ...node],
    });
    child.on('message', (figures) => resolve(figures as Figure[]));
    child.on('exit', (code) => reject(new Error(`${name} ended with ${code}`)));
  });
}

async function report(wanted: readonly string[]): Promise<void> {
  console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}`);
  console.log('CPU time where not said otherwise, medians of interleaved rounds, warm.');
  console.log(
    'ns-3 and the kernel are not run: goals that are ratios to them are taken of what they needed on the machine',
  );
  console.log(
    'where they were recorded, so a slower or busier machine misses goals that it would hold.\n',
  );
  console.log(heading());
  for (const family of FAMILIES) {
    if (wanted.length > 0 && !family.goals.some((g) => wanted.includes(g))) continue;
    for (const figure of await measureApart(family)) console.log(line(figure));
  }
}

const [first, name] = process.argv.slice(2);
if (first === '--family') {
  const figures = await FAMILIES.find((family) => family.name === name)?.measure();
  process.send?.(figures, () => process.exit());
} else await report(process.argv.slice(2));
