import { expect, it } from 'vitest';
import { loadLab, runLab } from '../lab/index.ts';

/** Runs commands at a host with a guest behind tap0. @returns what they print */
async function run(device: string, ...lines: readonly string[]): Promise<string[]> {
  const before = [
    '$ ip tuntap add tap0 mode tap && ip addr add 10.9.0.1/24 dev tap0 && ip link set tap0 up',
    '$ dd if=/dev/zero of=/srv/big bs=1M count=4 2>/dev/null; python3 -m http.server -d /srv 8000 >/dev/null 2>&1 &',
    `$ qemu-system-x86_64 -name vm1 -netdev tap,id=n,ifname=tap0,script=no,downscript=no -device ${device},netdev=n -daemonize`,
    'vm1$ ip addr add 10.9.0.2/24 dev eth0',
  ];
  const text = `---\nmachines: { host: {} }\nimages: { default: { dhcp: false } }\n---\n${['```console', ...before, ...lines, '```', ''].join('\n')}`;
  const { commands, error } = await runLab(loadLab({ file: 'lab.md', text }));
  expect(error).toBeUndefined();
  return commands.slice(before.length).map((c) => c.output);
}

const FETCH = "vm1$ curl -s -o /dev/null -w '%{time_total}\\n' http://10.9.0.1:8000/big";

it('shows a user who measures virtio ahead of e1000, and that ahead of rtl8139', async () => {
  const times: number[] = [];
  for (const model of ['virtio-net-pci', 'e1000', 'rtl8139'])
    times.push(Number((await run(model, FETCH))[0]));
  const [virtio, e1000, rtl8139] = times as [number, number, number];
  expect(e1000 / virtio).toBeGreaterThan(2);
  expect(rtl8139 / e1000).toBeGreaterThan(1.2);
});

it('drops at the tap what a slow NIC does not take, and counts it there', async () => {
  const dropped = async (device: string): Promise<number> => {
    const outputs = await run(
      device,
      '$ ping -c 1 10.9.0.2 >/dev/null',
      '$ head -c 4000000 /dev/zero | socat -u -b 1400 - UDP:10.9.0.2:9',
      "$ ip -s link show tap0 | tail -n 1 | awk '{ print $4 }'",
    );
    return Number(outputs.at(-1));
  };
  const [ne2k, virtio] = [await dropped('ne2k_pci'), await dropped('virtio-net-pci')];
  expect(virtio).toBeGreaterThan(0);
  expect(ne2k).toBeGreaterThan(virtio * 1.2);
});

it('lets super-segments through to virtio, and nothing but frames to the others', async () => {
  const longest = async (device: string): Promise<number> => {
    const outputs = await run(
      device,
      '$ tcpdump -ni tap0 -w /tmp/cap tcp 2>/dev/null &',
      FETCH,
      '$ sleep 1; kill %2; sleep 1; tcpdump -nr /tmp/cap 2>/dev/null | grep -o "length [0-9]*" | cut -d" " -f2 | sort -n | tail -n 1',
    );
    return Number(outputs.at(-1)?.trim().split('\n').at(-1));
  };
  expect(await longest('virtio-net-pci')).toBeGreaterThan(1460);
  expect(await longest('e1000')).toBeLessThanOrEqual(1460);
});
