import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Figure } from '../figure.ts';
import { median } from '../measure.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const ROUNDS = 5;
/** What Mininet needed for the same on the recording machine. */
const MININET_SECONDS = 1.36;

/** Seconds from start to end of a process, and of its CPU. */
interface Start {
  readonly wall: number;
  readonly cpu: number;
}

function start(...args: string[]): Start {
  const began = process.hrtime.bigint();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return {
    wall: Number(process.hrtime.bigint() - began) / 1e9,
    cpu: (JSON.parse(stdout) as { cpu: number }).cpu,
  };
}

const BARE =
  'const c = process.cpuUsage(); console.log(JSON.stringify({ cpu: (c.user + c.system) / 1e6 }))';

/** Puts a program and all that it imports into one file, by the bundler that comes with tsx. */
function bundle(entry: string, outfile: string): void {
  const tsx = createRequire(createRequire(import.meta.url).resolve('tsx'));
  const esbuild = tsx('esbuild') as { buildSync(options: object): void };
  esbuild.buildSync({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    outfile,
    bundle: true,
    ...FORMAT,
  });
}

const FORMAT = { platform: 'node', format: 'esm', conditions: ['labwire-source'] };
const PROGRAM = 'bench/start/tree.mjs';

/** P18: a whole process that sets up 64 hosts and 21 bridges: from one file, and from the hundreds that `tsc -b` makes. */
export function measureStart(): Figure[] {
  const built = spawnSync('npx', ['tsc', '-b'], { cwd: ROOT, encoding: 'utf8' });
  if (built.status !== 0) throw new Error(built.stdout);
  const folder = mkdtempSync(join(tmpdir(), 'labwire-'));
  const one = join(folder, 'tree.mjs');
  bundle(PROGRAM, one);
  const ways = [[one], [PROGRAM], ['-e', BARE]];
  const starts = ways.map((): Start[] => []);
  for (let round = 0; round <= ROUNDS; round++)
    for (const [i, args] of ways.entries()) {
      const it = start(...args);
      if (round > 0) starts[i]?.push(it); // the first round brings the files into memory
    }
  rmSync(folder, { recursive: true });
  const middle = (way: number, of: keyof Start) => median((starts[way] ?? []).map((s) => s[of]));
  const what = 'a process that sets up 64 hosts and 21 bridges';
  const against = `0.15 of Mininet's recorded time; Node alone: ${middle(2, 'wall').toFixed(3)} s, CPU ${middle(2, 'cpu').toFixed(3)} s`;
  const figure = (way: number, of: keyof Start, how: string): Figure => ({
    id: 'P18',
    what: `${what}, ${how}`,
    value: middle(way, of),
    unit: 's',
    goal: 0.15 * MININET_SECONDS,
    against,
  });
  return [
    figure(0, 'wall', 'one file, start to end'),
    figure(0, 'cpu', 'one file, CPU'),
    figure(1, 'wall', 'as tsc makes it, start to end'),
    figure(1, 'cpu', 'as tsc makes it, CPU'),
  ];
}
