import { describe, expect, it } from 'vitest';
import { loadLab, runLab } from '../lab/index.ts';

const guest = (name: string, mac: string, netdev: string): string =>
  `$ qemu-system-x86_64 -name ${name} -netdev socket,id=n,${netdev} -device e1000,netdev=n,mac=52:54:00:00:00:0${mac} -daemonize`;

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
