import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { utf8Decode } from '@labwire/core/bytes';
import { POLLOUT, Simulator, WaitQueue } from '@labwire/core/sim';
import { debianPackages } from '@labwire/userland/debian';
import { exec, Machine, type OpenFile } from '@labwire/userland/machine';
import { beforeAll, describe, expect, it } from 'vitest';
import { SHELL_CASES } from './shell-cases.ts';
import { TOOL_CASES } from './tool-cases.ts';

const CASES: readonly string[] = [...SHELL_CASES, ...TOOL_CASES];
const BASH = '/bin/bash';
const hasBash = existsSync(BASH) && spawnSync(BASH, ['--version']).stdout.includes('version 5.2');

/** Runs every text with real bash, each in an empty directory of its own. */
const RUN_ALL = `cd "$1"; shift
for text; do
  rm -rf work; mkdir work
  (cd work; exec -a bash ${BASH} -c "$text") 2>&1 </dev/null
  printf '[exit %s]\\1' $?
done`;

async function ours(text: string): Promise<string> {
  const sim = new Simulator();
  const machine = new Machine(sim, { name: 'host', packages: debianPackages });
  machine.fs.mkdir('/work');
  let output = '';
  const sink: OpenFile = {
    isTty: false,
    wq: new WaitQueue(),
    poll: () => POLLOUT,
    read: () => new Uint8Array(0),
    write(data) {
      output += utf8Decode(data);
      return data.length;
    },
    ref() {},
    unref() {},
  };
  const nothing = machine.fs.open('/dev/null', { read: true });
  const env = new Map(Object.entries({ PATH: '/usr/bin:/bin', LC_ALL: 'C', HOME: '/root' }));
  const fds = new Map([nothing, sink, sink].map((file, fd) => [fd, file]));
  const argv = ['bash', '-c', text];
  const options = { fds, env, cwd: '/work' };
  const proc = machine.startProcess(undefined, argv, (p) => exec(p, '/bin/bash', argv), options);
  await sim.run(3600e9, () => proc.exitCode !== undefined);
  return tidy(`${output}[exit ${proc.exitCode}]`, '/work');
}

/** Process ids and the working directory are the machine's own. */
function tidy(text: string, cwd: string): string {
  return text
    .replaceAll(cwd, 'CWD')
    .replace(/line (\d+): +\d+ (Killed)( +).*/g, 'line $1: PID $2')
    .replace(/^\/bin\/bash: /gm, 'bash: ');
}

describe.runIf(hasBash)('bash -c prints and returns what real bash 5.2 does for', () => {
  const expected = new Map<string, string>();

  beforeAll(() => {
    const dir = mkdtempSync(join(tmpdir(), 'bash-'));
    const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C', HOME: '/root' };
    const { stdout } = spawnSync(BASH, ['-c', RUN_ALL, 'bash', dir, ...CASES], { env, input: '' });
    rmSync(dir, { recursive: true });
    const outputs = stdout.toString().split('\x01');
    CASES.forEach((text, i) => {
      expected.set(text, tidy(outputs[i] as string, `${dir}/work`));
    });
  }, 60_000);

  it.each(CASES.map((text) => [text.split('> p; ').at(-1), text]))(
    '%s',
    async (_name, text = '') => {
      expect(await ours(text)).toBe(expected.get(text));
    },
  );
});

it.skipIf(hasBash)('bash 5.2 is not here: the comparison with it is left out', () => {});
