import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { labUp } from './lab-up.ts';

const NETNS = `labwire-${process.pid}`;
const TOOLS = ['ip', 'ping', 'curl'];

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

function run(
  command: string,
  ...args: string[]
): { readonly code: number | null; readonly out: string } {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  return { code: status, out: `${stdout}${stderr}` };
}

const missing = TOOLS.filter((tool) => run('which', tool).code !== 0);
const able =
  process.platform === 'linux' && process.getuid?.() === 0 && missing.length === 0 && makeNetns();
if (!able) console.log('skipped: TAP devices need root, network namespaces, and ip, ping, curl');

function makeNetns(): boolean {
  return run('ip', 'netns', 'add', NETNS).code === 0;
}

const inside = (...words: string[]) => run('ip', 'netns', 'exec', NETNS, ...words);

it.runIf(able)(
  'is a neighbour of this computer by a TAP device: echoes, and a page through NAT',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'labwire-'));
    const lab = join(folder, 'lab.md');
    writeFileSync(lab, LAB);
    const up = labUp([lab, '--tap', 'host:tap0=tap:lab0'], NETNS);
    try {
      await up.until(/the lab is up/);
      for (const words of [
        'addr add 10.9.0.2/24 dev lab0',
        'link set lab0 up',
        'route add default via 10.9.0.1',
      ])
        expect(inside('ip', ...words.split(' ')).out).toBe('');
      expect(inside('ping', '-c', '3', '-i', '0.2', '10.9.0.1').out).toContain('3 received');
      const page = inside(
        'curl',
        '-s',
        '-o',
        '/dev/null',
        '-w',
        '%{http_code} %{size_download}',
        'http://203.0.113.2/big',
      );
      expect(page.out).toBe('200 3000000');
      up.type('conntrack -L -p tcp');
      expect(
        await up.until(/src=10\.9\.0\.2 dst=203\.0\.113\.2 .*dst=203\.0\.113\.1/),
      ).not.toBeNull();
    } finally {
      await up.end();
      rmSync(folder, { recursive: true });
    }
    expect(up.said).toMatch(/host:tap0: \d+ frames in, \d+ out(, \d+ dropped)?$/m);
  },
);

beforeAll(() => {
  if (able) run('ip', '-n', NETNS, 'link', 'set', 'lo', 'up');
});

afterAll(() => {
  if (able) run('ip', 'netns', 'del', NETNS);
});
