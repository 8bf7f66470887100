import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { guestNetwork, MAC1, MAC2, PAGE_BYTES, PAGE_SHA1, VM1, VM2 } from './guest-network.ts';
import { GuestShell } from './guest-shell.ts';
import { labUp, Running } from './lab-up.ts';
import { tinyLinux } from './tiny-linux.ts';

const QEMU = 'qemu-system-x86_64';
const NETNS = `labwire-g${process.pid}`;

const runs = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;

/** Why there can be no guests on real TAP devices here. */
function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return 'TAP devices need root';
  if (!runs(QEMU, '--version')) return `no ${QEMU} on this computer`;
  const linux = tinyLinux();
  if (typeof linux === 'string') return linux;
  return runs('ip', 'netns', 'add', NETNS) ? undefined : 'no network namespaces';
}

const skipped = whyNot();
if (skipped !== undefined) console.log(`skipped: ${skipped}`);

let folder = '';
let lab: Running;
const guests: GuestShell[] = [];

/** A guest in the namespace, on a TAP device of its own that a bridge joins to one of the lab's. */
function start(n: number, mac: string): GuestShell {
  const linux = tinyLinux();
  if (typeof linux === 'string') throw new Error(linux);
  for (const words of [
    `link add br${n} type bridge`,
    `tuntap add vm${n} mode tap`,
    `link set vm${n} master br${n}`,
    `link set lab${n} master br${n}`,
    ...[`br${n}`, `vm${n}`, `lab${n}`].map((dev) => `link set ${dev} up`),
  ])
    expect(runs('ip', '-n', NETNS, ...words.split(' '))).toBe(true);
  const words = [
    ...['netns', 'exec', NETNS, QEMU, '-m', '192', '-nographic', '-no-reboot'],
    ...['-kernel', linux.kernel, '-initrd', linux.initrd],
    ...['-append', 'console=ttyS0 quiet panic=-1'],
    ...['-netdev', `tap,id=n0,ifname=vm${n},script=no,downscript=no`],
    ...['-device', `virtio-net-pci,netdev=n0,mac=${mac}`],
  ];
  const guest = new GuestShell(new Running('ip', words));
  guests.push(guest);
  return guest;
}

beforeAll(async () => {
  if (skipped !== undefined) return;
  folder = mkdtempSync(join(tmpdir(), 'labwire-'));
  const file = join(folder, 'lab.md');
  writeFileSync(file, guestNetwork());
  const taps = [1, 2].flatMap((n) => ['--tap', `host:tap${n - 1}=tap:lab${n}`]);
  lab = labUp([file, '--on', 'web', ...taps], NETNS);
  await lab.until(/the lab is up/);
});

afterAll(async () => {
  if (skipped !== undefined) return;
  for (const guest of guests) await guest.end();
  await lab.end();
  rmSync(folder, { recursive: true });
  runs('ip', 'netns', 'del', NETNS);
});

it.runIf(skipped === undefined)(
  'serves real guests on real TAP devices: leases, names, 10 MB, a forwarded port, each other',
  async () => {
    const [one, two] = [start(1, MAC1), start(2, MAC2)];
    expect(await one.run('ip -4 -o addr show eth0')).toContain(`inet ${VM1}/24`);
    expect(await two.run('ip -4 -o addr show eth0')).toContain(`inet ${VM2}/24`);
    expect(await one.run('nslookup files.example.net')).toContain('Address: 203.0.113.2');
    const page = await two.run('wget -q -O - http://files.example.net/page | sha1sum');
    expect(page).toContain(PAGE_SHA1);
    lab.type('cat /var/log/nginx/access.log');
    await lab.until(
      new RegExp(`^203\\.0\\.113\\.1 .*"GET /page HTTP/1\\.1" 200 ${PAGE_BYTES} `, 'm'),
    );
    await one.run('echo from the first > /www/index.html; httpd -h /www');
    lab.type('curl -s http://203.0.113.1:8080/');
    await lab.until(/from the first/);
    expect(await two.run(`ping -c 3 ${VM1}`)).toContain('3 packets received');
  },
);
