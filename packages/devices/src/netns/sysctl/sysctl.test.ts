import { Simulator } from '@labwire/core/sim';
import { expect, it } from 'vitest';
import { Kernel } from '../index.ts';
import { SYSCTL_TABLES } from '../sysctl-tables.ts';
import { intFile, intsFile, msFile, type SysctlFile, userHzFile } from './index.ts';

function box(file: (of: { v: number }) => SysctlFile<{ v: number }>, v: number) {
  const of = { v };
  const f = file(of);
  return {
    read: () => f.read(of),
    write: (text: string) => {
      try {
        f.write(of, text);
        return 'ok';
      } catch (e) {
        return (e as { errno: string }).errno;
      }
    },
  };
}

const get = (of: { v: number }) => of.v;
const put = (of: { v: number }, v: number) => {
  of.v = v;
};

it.each([
  ['1', 'ok', '1'],
  [' 2 \n', 'ok', '2'],
  ['0x10', 'ok', '16'],
  ['010', 'ok', '8'],
  ['1x', 'EINVAL', '8'],
  ['', 'ok', '8'],
  [' ', 'EINVAL', '8'],
  ['-1', 'ok', '-1'],
  ['1 2', 'ok', '1'],
  ['2147483648', 'EINVAL', '1'],
  ['99999999999999999999', 'EINVAL', '1'],
])('takes %j for a number as the kernel does: %s', (text, result, reads) => {
  const { read, write } = box(() => intFile('f', get, put), Number(reads));
  expect([write(text), read()]).toEqual([result, reads]);
});

it('keeps numbers in their range', () => {
  const { read, write } = box(() => intFile('ttl', get, put, { min: 1, max: 255 }), 64);
  expect([write('0'), write('256'), read(), write('255'), read()]).toEqual([
    'EINVAL',
    'EINVAL',
    '64',
    'ok',
    '255',
  ]);
});

it('keeps the numbers before a bad one, and those that are not given', () => {
  const of = { v: [4096, 131_072, 33_554_432] as readonly number[] };
  const f = intsFile<typeof of>(
    'tcp_rmem',
    (o) => o.v,
    (o, v) => {
      o.v = v;
    },
    { min: 1 },
  );
  f.write(of, '7 8');
  expect(f.read(of)).toBe('7\t8\t33554432');
  expect(() => f.write(of, '9 x')).toThrow('Invalid argument');
  expect(f.read(of)).toBe('9\t8\t33554432');
});

it('rounds times to the ticks of the clock', () => {
  const ms = box(() => msFile('retrans_time_ms', get, put), 1000);
  ms.write('1234');
  expect(ms.read()).toBe('1236');
  const hundredths = box(() => userHzFile('anycast_delay', get, put), 1000);
  expect(hundredths.read()).toBe('100');
  hundredths.write('7');
  expect(hundredths.read()).toBe('6');
});

it('shows the tree of a namespace, and writes to it', () => {
  const kernel = new Kernel(new Simulator(), 'host');
  const { sysctl } = kernel.initNetns;
  expect(sysctl.list('net')?.map((e) => e.name)).toEqual(
    expect.arrayContaining(['bridge', 'core']),
  );
  sysctl.write('net/core/somaxconn', '100\n');
  expect(sysctl.read('net/core/somaxconn')).toBe('100\n');
  expect(kernel.newNetns().sysctl.read('net/core/somaxconn')).toBe('4096\n');
  sysctl.write('net/bridge/bridge-nf-call-iptables', '5');
  expect(sysctl.read('net/bridge/bridge-nf-call-iptables')).toBe('1\n');
  expect(() => sysctl.read('net/core')).toThrow('Is a directory');
  expect(() => sysctl.read('net/core/nosuch')).toThrow('No such file or directory');
  expect(sysctl.stat('net/nosuch')).toBeUndefined();
});

it('lets other namespaces read what the machine shares, not write it', () => {
  const kernel = new Kernel(new Simulator(), 'host');
  kernel.initNetns.sysctl.write('net/core/rmem_max', '5000000');
  const { sysctl } = kernel.newNetns();
  expect(sysctl.read('net/core/rmem_max')).toBe('5000000\n');
  expect(sysctl.stat('net/core/rmem_max')?.mode).toBe(0o444);
  expect(() => sysctl.write('net/core/rmem_max', '1')).toThrow('Permission denied');
  expect(sysctl.stat('net/core/netdev_max_backlog')).toBeUndefined();
});

it('has one file of a name in each directory, and what is not modelled takes only what it shows', () => {
  const { initNetns } = new Kernel(new Simulator(), 'host');
  const { sysctl } = initNetns;
  const files: string[] = [];
  const walk = (path: string): void => {
    for (const { name, isDirectory, mode } of sysctl.list(path) ?? []) {
      const below = path === '' ? name : `${path}/${name}`;
      if (isDirectory) walk(below);
      else if (mode === 0o644) files.push(below);
    }
  };
  walk('');
  const of = (dir: string) =>
    SYSCTL_TABLES.filter((t) => t.dir === dir && (t.when?.(initNetns) ?? true)).flatMap((t) =>
      t.files.map((f) => f.name),
    );
  for (const dir of ['net/core', 'net/ipv4', 'net/ipv4/conf', 'net/ipv6', 'net/ipv6/conf'])
    expect(of(dir).filter((name, i, all) => all.indexOf(name) !== i)).toEqual([]);
  for (const path of files) sysctl.write(path, sysctl.read(path));
  sysctl.write('net/ipv4/tcp_fastopen', '3\n');
  expect(sysctl.read('net/ipv4/tcp_fastopen')).toBe('3\n');
  expect(() => sysctl.write('net/ipv4/tcp_ecn', '1\n')).toThrow('Operation not supported');
});
