import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { labUp, Running } from './lab-up.ts';
import { OwnNetns } from './netns.ts';

const PEER = fileURLToPath(new URL('tcp-peer.mjs', import.meta.url));
const BYTES = 10_000_000;

const kernel = OwnNetns.make('tcp', ['nstat']);
const able = kernel !== undefined;

const BAD = 'netem delay 2ms loss 1% duplicate 1% reorder 5% limit 10000';

/** A path from this computer's kernel to a machine of the lab, on which either direction loses, doubles and overtakes. */
const LAB = `---
world: none
machines:
  web: { interfaces: { eth0: { link: net, addresses: [203.0.113.2/24], gateway: 203.0.113.1 } } }
  host: { interfaces: { eth0: { link: net, addresses: [203.0.113.1/24] } } }
---
\`\`\`console
host# sysctl -qw net.ipv4.ip_forward=1
host# ip tuntap add tap0 mode tap
host# ip addr add 10.9.0.1/24 dev tap0
host# ip link set tap0 up
host# tc qdisc add dev eth0 root ${BAD}
web# tc qdisc add dev eth0 root ${BAD}
\`\`\`
`;

const sha256 = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

it.runIf(able)(
  "speaks TCP with this computer's kernel: 10 MB each way, on a path that loses, doubles and overtakes",
  async () => {
    const netns = kernel as OwnNetns;
    const folder = mkdtempSync(join(tmpdir(), 'labwire-'));
    const [lab, sent, back] = ['lab.md', 'sent', 'back'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(lab, LAB);
    writeFileSync(sent, randomBytes(BYTES));
    const peer = (...words: string[]): Running => {
      const [command, ...args] = [...netns.enter, process.execPath, PEER, ...words];
      return new Running(command as string, args);
    };
    const up = labUp([lab, '--on', 'web', '--tap', 'host:tap0=tap:lab0'], netns.name);
    try {
      await up.until(/the lab is up/);
      netns.ip('addr add 10.9.0.2/24 dev lab0');
      netns.ip('link set lab0 up');
      netns.ip('route add default via 10.9.0.1');

      up.type('nc -l -p 5000 > /tmp/got; sha256sum /tmp/got');
      up.type('nc -N 10.9.0.2 5001 < /tmp/got; tc -s qdisc show dev eth0');
      const receiver = peer('receive', '5001', back);
      await receiver.until(/listening/);
      const sender = peer('send', '203.0.113.2', '5000', sent);
      const [, got] = await up.until(/([0-9a-f]{64}) {2}\/tmp\/got/);
      expect(got).toBe(sha256(sent));
      await receiver.until(/received/);
      expect(sha256(back)).toBe(got);
      await sender.end();

      const [, lost] = await up.until(/dropped (\d+)/);
      expect(Number(lost)).toBeGreaterThan(20);
      const again = /TcpRetransSegs\s+(\d+)/.exec(netns.inside('nstat', '-az').out)?.[1];
      expect(Number(again)).toBeGreaterThan(20);
    } finally {
      await up.end();
      rmSync(folder, { recursive: true });
    }
  },
);

afterAll(() => kernel?.end());
