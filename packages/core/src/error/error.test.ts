import { execFileSync, spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import {
  ERRNO,
  type Errno,
  errnoNumber,
  InvariantError,
  invariant,
  KernelError,
  strerror,
} from './index.ts';

const names = Object.keys(ERRNO) as Errno[];
const onLinux = process.platform === 'linux';

describe('errnos', () => {
  it.runIf(onLinux)('have the numbers of this Linux', () => {
    const numbers = constants.errno as Readonly<Record<string, number>>;
    for (const name of names)
      if (name in numbers) expect(errnoNumber(name), name).toBe(numbers[name]);
  });

  it('have a number each', () => {
    expect(new Set(names.map(errnoNumber)).size).toBe(names.length);
  });

  const perl = onLinux && spawnSync('perl', ['-e', '1']).status === 0;
  it.runIf(perl)('have the texts of glibc', () => {
    const script = 'for (@ARGV) { $! = $_; print "$!\\n" }';
    const env = { ...process.env, LC_ALL: 'C' };
    const args = ['-e', script, ...names.map((n) => String(errnoNumber(n)))];
    const texts = execFileSync('perl', args, { encoding: 'utf8', env }).trimEnd().split('\n');
    expect(names.map(strerror)).toEqual(texts);
  });
});

describe('errors', () => {
  it('of the kernel carry the errno, and say what the kernel adds', () => {
    const plain = new KernelError('ENODEV');
    expect([plain.message, plain.errno, plain.extack]).toEqual([
      'No such device',
      'ENODEV',
      undefined,
    ]);
    const extended = new KernelError('EINVAL', 'Nexthop has invalid gateway');
    expect([extended.message, extended.extack]).toEqual(
      Array(2).fill('Nexthop has invalid gateway'),
    );
  });

  it('of our own are thrown at once, with what does not hold', () => {
    expect(() => invariant(true, 'fine')).not.toThrow();
    expect(() => invariant(false, 'time went back')).toThrow(new InvariantError('time went back'));
  });
});
