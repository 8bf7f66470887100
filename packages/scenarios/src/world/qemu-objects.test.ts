import { expect, it } from 'vitest';
import { loadLab, runLab } from '../lab/index.ts';

/** Types commands at a host. @returns what the last prints */
async function run(...lines: readonly string[]): Promise<string> {
  const text = `---\nmachines: { host: {} }\n---\n${['```console may-fail', ...lines, '```', ''].join('\n')}`;
  const { commands, error } = await runLab(loadLab({ file: 'lab.md', text }));
  expect(error).toBeUndefined();
  return commands.at(-1)?.output ?? '';
}

const guest = (net: string, more = ''): string =>
  `$ qemu-system-x86_64 -name vm1 ${net} -object filter-dump,id=f,netdev=u,file=/tmp/u.pcap${more} -daemonize`;
const READ = "$ tcpdump -nr /tmp/u.pcap icmp 2>/dev/null | cut -d' ' -f3-5,8";
const PING = 'vm1$ ping -c 1 10.0.2.2 >/dev/null';
const [ASKED, ANSWERED] = ['10.0.2.15 > 10.0.2.2: request,\n', '10.0.2.2 > 10.0.2.15: reply,\n'];

it.each([
  ['of a NIC', '-netdev user,id=u -device e1000,netdev=u'],
  ['of a hub', '-net nic -net user,id=u'],
  [
    'written as JSON',
    `-netdev '{"type":"user","id":"u","hostfwd":[{"str":"tcp::2222-:22"}]}' -device '{"driver":"virtio-net-pci","netdev":"u"}'`,
  ],
])('keeps the frames of a backend %s in a file', async (_, net) => {
  expect(await run(guest(net), PING, READ)).toBe(ASKED + ANSWERED);
});

it.each([
  ['rx', ASKED],
  ['tx', ANSWERED],
])('keeps those of one direction: %s', async (queue, seen) => {
  const net = '-netdev user,id=u -device e1000,netdev=u';
  expect(await run(guest(net, `,queue=${queue}`), PING, READ)).toBe(seen);
});

it('refuses by name what it has not', async () => {
  const said = await run(
    '$ qemu-system-x86_64 -netdev user,id=u -object filter-mirror,id=f,netdev=u,outdev=c',
  );
  expect(said).toContain('Labwire has no filter-mirror');
});
