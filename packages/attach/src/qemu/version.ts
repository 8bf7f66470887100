import { spawnSync } from 'node:child_process';

/** The first version with `-netdev stream`. */
const NEEDED: readonly [major: number, minor: number] = [7, 2];

const known = new Map<string, string | undefined>();

/** Why a QEMU of this computer can't run guests of a lab; undefined if it can. */
export function whyNoEmulator(program: string): string | undefined {
  if (!known.has(program)) known.set(program, ask(program));
  return known.get(program);
}

function ask(program: string): string | undefined {
  const { status, error, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  if (error !== undefined || status !== 0)
    return 'not installed on this computer, and --qemu starts the real one; install it (on Debian: apt install qemu-system-x86)';
  const [, major, minor] = /version (\d+)\.(\d+)/.exec(stdout) ?? [];
  const version = Number(major) * 1000 + Number(minor);
  if (version >= NEEDED[0] * 1000 + NEEDED[1]) return undefined;
  return `this computer has version ${major}.${minor}; ${NEEDED.join('.')} or newer is needed`;
}
