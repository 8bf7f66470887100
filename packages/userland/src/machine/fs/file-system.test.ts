import { utf8Encode } from '@labwire/core/bytes';
import type { Netns } from '@labwire/devices/netns';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Caller, FileSystem, InodeTable, MountNamespace } from './index.ts';

function files(uid = 0): FileSystem {
  const mounts = new MountNamespace(new InodeTable(() => 1000));
  const caller = (id: number): Caller => ({
    uid: id,
    gid: id,
    netns: {} as Netns,
    self: undefined,
  });
  const root = new FileSystem(mounts, caller(0));
  root.mkdir('/tmp');
  root.chmod('/tmp', 0o1777);
  return uid === 0 ? root : root.as(caller(uid));
}

const errno = (body: () => unknown): string => {
  try {
    body();
    return 'none';
  } catch (e) {
    return (e as { errno: string }).errno;
  }
};

describe('paths', () => {
  it('goes through symbolic links and dots, and gives up on a ring of links', () => {
    const fs = files();
    fs.mkdir('/a/b', { recursive: true });
    fs.symlink('../a/b', '/a/link');
    fs.writeFile('/a/link/x', 'text');
    expect(fs.readText('/a/./b/../link/x')).toBe('text');
    expect(fs.realpath('/a/link/x')).toBe('/a/b/x');
    fs.symlink('/ring', '/ring');
    expect(errno(() => fs.stat('/ring'))).toBe('ELOOP');
    expect(errno(() => fs.stat('/a/b/x/y'))).toBe('ENOTDIR');
    expect(errno(() => fs.stat('/none/y'))).toBe('ENOENT');
  });

  it('refuses to remove what holds something, and to make what is there', () => {
    const fs = files();
    fs.mkdir('/d');
    fs.writeFile('/d/f', '');
    expect(errno(() => fs.rmdir('/d'))).toBe('ENOTEMPTY');
    expect(errno(() => fs.mkdir('/d'))).toBe('EEXIST');
    expect(errno(() => fs.unlink('/d'))).toBe('EISDIR');
    expect(errno(() => fs.rename('/d', '/d/e'))).toBe('EINVAL');
  });
});

describe('permissions', () => {
  it('lets users write only what is theirs, and take away only their own files of /tmp', () => {
    const root = files();
    root.writeFile('/secret', 'x', { mode: 0o600 });
    root.writeFile('/tmp/roots', 'x');
    const user = root.as({ uid: 1000, gid: 1000, netns: {} as Netns, self: undefined });
    expect(errno(() => user.readText('/secret'))).toBe('EACCES');
    expect(errno(() => user.writeFile('/new', ''))).toBe('EACCES');
    expect(errno(() => user.unlink('/tmp/roots'))).toBe('EPERM');
    user.writeFile('/tmp/mine', 'x');
    user.unlink('/tmp/mine');
    expect(root.exists('/tmp/mine')).toBe(false);
  });
});

describe('mount namespaces', () => {
  it('show a bind mount in the clone alone, as ip netns exec needs for /etc/netns', () => {
    const fs = files();
    fs.mkdir('/etc/netns/red', { recursive: true });
    fs.writeFile('/etc/resolv.conf', 'host');
    fs.writeFile('/etc/netns/red/resolv.conf', 'red');
    const inside = fs.clone();
    inside.bindMount('/etc/netns/red/resolv.conf', '/etc/resolv.conf');
    expect([fs.readText('/etc/resolv.conf'), inside.readText('/etc/resolv.conf')]).toEqual([
      'host',
      'red',
    ]);
    inside.writeFile('/etc/resolv.conf', 'new');
    expect(fs.readText('/etc/netns/red/resolv.conf')).toBe('new');
  });
});

it('keeps the bytes that were written, wherever and in whatever pieces', () => {
  const piece = fc.record({ at: fc.nat(50), bytes: fc.uint8Array({ maxLength: 20 }) });
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const fs = files();
      const model: number[] = [];
      for (const { at, bytes } of pieces) {
        const file = fs.open('/f', { write: true, create: true }) as unknown as {
          position: number;
          write(data: Uint8Array): number;
        };
        file.position = at;
        file.write(bytes);
        if (bytes.length > 0) while (model.length < at) model.push(0);
        bytes.forEach((b, i) => {
          model[at + i] = b;
        });
      }
      if (pieces.length > 0) {
        const got = [...fs.readFile('/f')];
        while (got.length > model.length && got.at(-1) === 0) got.pop();
        expect(got).toEqual(model);
      }
    }),
  );
});

it('keeps what a machine writes into a shared content to that machine', () => {
  const content = utf8Encode('as laid out\n');
  const [one, two] = [files(), files()];
  for (const fs of [one, two]) fs.layFile('/etc/shared', content);
  one.writeFile('/etc/shared', 'A', {});
  expect([one.readText('/etc/shared'), two.readText('/etc/shared')]).toEqual([
    'A',
    'as laid out\n',
  ]);
  two.truncate('/etc/shared', 3);
  const three = files();
  three.layFile('/etc/shared', content);
  expect([two.readText('/etc/shared'), three.readText('/etc/shared')]).toEqual([
    'as ',
    'as laid out\n',
  ]);
});
