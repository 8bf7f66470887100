import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { labUp, type Running } from './lab-up.ts';
import { OwnNetns } from './netns.ts';

const kernel = OwnNetns.make('tap', ['ping', 'curl', 'ethtool']);
const able = kernel !== undefined;

/** The lab that this computer's kernel is a neighbour of: a web server behind a router that masquerades. */
const LAB = `---
world: none
machines:
  host: { interfaces: { eth0: { link: net, addresses: [203.0.113.1/24] } } }
  web:
    interfaces: { eth0: { link: net, addresses: [203.0.113.2/24] } }
---
\`\`\`console
host# sysctl -qw net.ipv4.ip_forward=1
host# iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE
host# ip tuntap add tap0 mode tap
host# ip addr add 10.9.0.1/24 dev tap0
host# ip link set tap0 up
web# head -c 3000000 /dev/zero > /var/www/html/big
web# nginx
\`\`\`
`;

/** Runs the lab with its tap0 at a place outside, until `use` is done. @returns what it printed */
async function withLab(
  netns: OwnNetns,
  where: string,
  use: (up: Running) => Promise<void>,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'labwire-'));
  const lab = join(folder, 'lab.md');
  writeFileSync(lab, LAB);
  const up = labUp([lab, '--tap', `host:tap0=${where}`], netns.name);
  try {
    await up.until(/the lab is up/);
    await use(up);
  } finally {
    await up.end();
    rmSync(folder, { recursive: true });
  }
  return up.said;
}

const PAGE = '-s -o /dev/null -w %{http_code},%{size_download} http://203.0.113.2/big'.split(' ');

it.runIf(able)(
  'is a neighbour of this computer by a TAP device: echoes, and a page through NAT',
  async () => {
    const netns = kernel as OwnNetns;
    const said = await withLab(netns, 'tap:lab0', async (up) => {
      netns.ip('addr add 10.9.0.2/24 dev lab0');
      netns.ip('link set lab0 up');
      netns.ip('route add default via 10.9.0.1');
      expect(netns.inside('ping', '-c', '3', '-i', '0.2', '10.9.0.1').out).toContain('3 received');
      expect(netns.inside('curl', ...PAGE).out).toBe('200,3000000');
      up.type('conntrack -L -p tcp');
      await up.until(/src=10\.9\.0\.2 dst=203\.0\.113\.2 .*dst=203\.0\.113\.1/);
    });
    expect(said).toMatch(/host:tap0: \d+ frames in, \d+ out(, \d+ dropped)?$/m);
    expect(netns.inside('ip', 'link', 'show', 'lab0').code).not.toBe(0);
  },
);

it.runIf(able)(
  'takes a TAP device that persists, whatever its queues, and leaves it as it was',
  async () => {
    const netns = kernel as OwnNetns;
    netns.ip('tuntap add lab1 mode tap multi_queue');
    const tso = () =>
      /tcp-segmentation-offload: (\w+)/.exec(netns.inside('ethtool', '-k', 'lab1').out)?.[1];
    expect(tso()).toBe('off');
    await withLab(netns, 'tap:lab1', async () => expect(tso()).toBe('on'));
    expect(tso()).toBe('off');
    netns.ip('tuntap del lab1 mode tap multi_queue');
  },
);

it.runIf(able)('goes on without a TAP device that is deleted', async () => {
  const netns = kernel as OwnNetns;
  const said = await withLab(netns, 'tap:lab2', async (up) => {
    netns.ip('link del lab2');
    await up.until(/host:tap0: disconnected/);
    up.type('ping -c 1 203.0.113.2');
    await up.until(/1 received/);
  });
  expect(said).toMatch(/disconnected \(tap:lab2\)[\s\S]*host:tap0: \d+ frames in/);
});

it.runIf(able)('is on the network of a NIC by a macvtap: a page through NAT', async () => {
  const netns = kernel as OwnNetns;
  const index = 40_000 + (process.pid % 20_000); // names under /dev are of all namespaces
  netns.ip('link add nic0 type veth peer name far0');
  netns.ip(`link add link nic0 name mvt0 index ${index} address 02:00:00:00:00:77 type macvtap`);
  const other = OwnNetns.make('far', []) as OwnNetns;
  try {
    netns.ip(`link set far0 netns ${other.name}`);
    for (const dev of ['nic0', 'mvt0']) netns.ip(`link set ${dev} up`);
    other.ip('addr add 10.9.0.2/24 dev far0');
    other.ip('link set far0 up');
    other.ip('route add default via 10.9.0.1');
    await withLab(netns, 'macvtap:mvt0', async (up) => {
      await up.until(/ip link set DEV address 02:00:00:00:00:77/);
      up.type('ip link set tap0 address 02:00:00:00:00:77; echo it has $?');
      await up.until(/it has 0/);
      expect(other.inside('ping', '-c', '3', '-i', '0.2', '10.9.0.1').out).toContain('3 received');
      expect(other.inside('curl', ...PAGE).out).toBe('200,3000000');
    });
  } finally {
    other.end();
  }
});

afterAll(() => kernel?.end());
