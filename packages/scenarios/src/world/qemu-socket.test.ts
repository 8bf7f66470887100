import { describe, expect, it } from 'vitest';
import { loadLab, runLab } from '../lab/index.ts';

const guest = (name: string, mac: string, netdev: string, type = 'socket'): string =>
  `$ qemu-system-x86_64 -name ${name} -netdev ${type},id=n,${netdev} -device e1000,netdev=n,mac=52:54:00:00:00:0${mac} -daemonize`;

/** Starts guests and types commands. @returns what the last prints */
async function run(...lines: readonly string[]): Promise<string> {
  const text = `---\nmachines: { host: {} }\nimages: { default: { dhcp: false } }\n---\n${['```console may-fail', ...lines, '```', ''].join('\n')}`;
  const { commands, error } = await runLab(loadLab({ file: 'lab.md', text }));
  expect(error).toBeUndefined();
  return commands.at(-1)?.output ?? '';
}

const ADDRESSES = [
  'vm1$ ip addr add 10.9.0.1/24 dev eth0; ip link set eth0 up',
  'vm2$ ip addr add 10.9.0.2/24 dev eth0; ip link set eth0 up',
];

describe('guests joined by sockets', () => {
  it('reach each other over a connection, also with large frames', async () => {
    const output = await run(
      guest('vm1', '1', 'listen=127.0.0.1:1234'),
      guest('vm2', '2', 'connect=127.0.0.1:1234'),
      ...ADDRESSES,
      'vm2$ ping -c 2 -s 6000 10.9.0.1 | grep received',
    );
    expect(output).toContain('2 received');
  });

  it('reach each other over datagrams', async () => {
    const output = await run(
      guest('vm1', '1', 'udp=127.0.0.1:2002,localaddr=127.0.0.1:2001'),
      guest('vm2', '2', 'udp=127.0.0.1:2001,localaddr=127.0.0.1:2002'),
      ...ADDRESSES,
      'vm2$ ping -c 2 10.9.0.1 | grep received',
    );
    expect(output).toContain('2 received');
  });

  it.each([
    [
      'a stream at a path',
      'server=on,addr.type=unix,addr.path=/tmp/s',
      'addr.type=unix,addr.path=/tmp/s',
      'stream',
    ],
    [
      'a stream over TCP',
      'server=on,addr.type=inet,addr.host=127.0.0.1,addr.port=5000',
      'addr.type=inet,addr.host=127.0.0.1,addr.port=5000',
      'stream',
    ],
    [
      'datagrams between paths',
      'local.type=unix,local.path=/tmp/a,remote.type=unix,remote.path=/tmp/b',
      'local.type=unix,local.path=/tmp/b,remote.type=unix,remote.path=/tmp/a',
      'dgram',
    ],
    [
      'a multicast group',
      'mcast=230.0.0.1:1234,localaddr=127.0.0.1',
      'mcast=230.0.0.1:1234,localaddr=127.0.0.1',
      'socket',
    ],
    [
      'a multicast group as dgram says it',
      'remote.type=inet,remote.host=230.0.0.1,remote.port=1234,local.type=inet,local.host=127.0.0.1,local.port=1',
      'remote.type=inet,remote.host=230.0.0.1,remote.port=1234,local.type=inet,local.host=127.0.0.1,local.port=1',
      'dgram',
    ],
  ])('reach each other over %s', async (_what, first, second, type) => {
    const output = await run(
      guest('vm1', '1', first, type),
      guest('vm2', '2', second, type),
      ...ADDRESSES,
      'vm2$ ping -c 2 -s 1400 10.9.0.1 | grep received',
    );
    expect(output).toContain('2 received');
  });

  it('reach each other and the host over a switch of vde, which learns where they are', async () => {
    const output = await run(
      '$ vde_switch -s /tmp/sw -M /tmp/mgmt -t vtap -d; ip addr add 10.9.0.3/24 dev vtap; ip link set vtap up',
      guest('vm1', '1', 'sock=/tmp/sw', 'vde'),
      guest('vm2', '2', 'sock=/tmp/sw', 'vde'),
      ...ADDRESSES,
      'vm2$ ping -c 1 10.9.0.1 | grep received; ping -c 1 10.9.0.3 | grep received',
      "$ (ping -c 1 10.9.0.1 | grep received; echo hash/print; sleep 0.2) | unixterm /tmp/mgmt | grep -c 'Addr: 52:54:00:00:00:0[12] VLAN 0000 to port: 00[23]'",
    );
    expect(output).toBe('2\n');
  });

  it('are connected anew when the other QEMU starts again', async () => {
    const output = await run(
      guest('vm1', '1', 'listen=127.0.0.1:1234'),
      guest('vm2', '2', 'connect=127.0.0.1:1234'),
      '$ pkill -f "name vm2"; sleep 1',
      guest('vm2', '2', 'connect=127.0.0.1:1234'),
      ...ADDRESSES,
      'vm2$ ping -c 1 10.9.0.1 | grep received',
    );
    expect(output).toContain('1 received');
  });
});
