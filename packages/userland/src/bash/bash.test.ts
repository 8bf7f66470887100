import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Simulator } from '@labwire/core/sim';
import { describe, expect, it } from 'vitest';
import { debianPackages } from '../debian/index.ts';
import { exec, Machine, Tty } from '../machine/index.ts';
import { CASES } from './differential-cases.ts';

const BASH = '/bin/bash';
const hasBash = existsSync(BASH) && spawnSync(BASH, ['--version']).stdout.includes('version 5.2');

async function ours(text: string): Promise<string> {
  const sim = new Simulator();
  const machine = new Machine(sim, { name: 'host', packages: debianPackages });
  machine.fs.mkdir('/work');
  let output = '';
  const tty = new Tty(0, { rows: 24, columns: 80 }, (piece) => {
    output += piece;
  });
  const null_ = machine.fs.open('/dev/null', { read: true });
  const env = new Map([
    ['PATH', '/usr/bin:/bin'],
    ['LC_ALL', 'C'],
    ['HOME', '/root'],
  ]);
  const fds = new Map([
    [0, null_],
    [1, tty],
    [2, tty],
  ]);
  const argv = ['bash', '-c', text];
  const proc = machine.startProcess(undefined, argv, (p) => exec(p, '/bin/bash', argv), {
    fds,
    env,
    cwd: '/work',
  });
  await sim.run(3600e9, () => proc.exitCode !== undefined);
  return tidy(`${output}[exit ${proc.exitCode}]`);
}

function real(text: string): string {
  const cwd = mkdtempSync(join(tmpdir(), 'bash-'));
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C', HOME: '/root' };
  const run = spawnSync(
    BASH,
    ['-c', `exec 2>&1; cd ${cwd}; mkdir work; cd work; exec -a bash ${BASH} -c "$1"`, 'bash', text],
    { env, input: '' },
  );
  rmSync(cwd, { recursive: true });
  return tidy(`${run.stdout.toString()}[exit ${run.status}]`, `${cwd}/work`);
}

/** Process ids and the working directory are the machine's own. */
function tidy(text: string, cwd = '/work'): string {
  return text
    .replaceAll(cwd, 'CWD')
    .replace(/line (\d+): +\d+ (Killed|Terminated)( +).*/g, 'line $1: PID $2')
    .replace(/^\/bin\/bash: /gm, 'bash: ');
}

describe.runIf(hasBash)('bash -c agrees with real bash 5.2 on', () => {
  it.each(CASES)('%s', async (text) => {
    expect(await ours(text)).toBe(real(text));
  });
});

it.skipIf(hasBash)('bash 5.2 is not here: the comparison with it is left out', () => {});
