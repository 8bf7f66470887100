// Measures the goals of this stage and prints them beside their targets: `npm run bench [-- P1 P22 …]`.
import { fork } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Figure, heading, line } from './figure.ts';

/** The goals that each family measures. A family has a process of its own, so that none warms up or fills the heap of another. */
const FAMILIES: Readonly<Record<string, readonly string[]>> = {
  events: ['P1', 'P2'],
  'wake-ups': ['P22'],
};

async function measure(family: string): Promise<Figure[]> {
  switch (family) {
    case 'events':
      return (await import('./events.ts')).measureEvents();
    case 'wake-ups':
      return (await import('./wake-ups.ts')).measureWakeUps();
    default:
      throw new Error(`no family ${family}`);
  }
}

/** Measures a family in a process of its own. */
function measureApart(family: string): Promise<Figure[]> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), ['--family', family], {
      execArgv: [...process.execArgv, '--expose-gc'],
    });
    child.on('message', (figures) => resolve(figures as Figure[]));
    child.on('exit', (code) => reject(new Error(`${family} ended with ${code}`)));
  });
}

async function report(wanted: readonly string[]): Promise<void> {
  console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}`);
  console.log(
    'CPU time, medians of interleaved rounds, warm. Times of busy or slower machines are longer.\n',
  );
  console.log(heading());
  for (const [family, goals] of Object.entries(FAMILIES)) {
    if (wanted.length > 0 && !goals.some((g) => wanted.includes(g))) continue;
    for (const figure of await measureApart(family)) console.log(line(figure));
  }
}

const [first, family = ''] = process.argv.slice(2);
if (first === '--family') process.send?.(await measure(family), () => process.exit());
else await report(process.argv.slice(2));
