import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { guestNetwork, MAC2, PAGE_BYTES, PAGE_SHA1, VM1, VM2 } from './guest-network.ts';
import { GuestShell } from './guest-shell.ts';
import { guestConsole, labUp, type Running } from './lab-up.ts';
import { tinyLinux } from './tiny-linux.ts';

const QEMU = 'qemu-system-x86_64';
const linux =
  spawnSync(QEMU, ['--version']).status === 0 ? tinyLinux() : `no ${QEMU} on this computer`;
const able = typeof linux !== 'string';
if (!able) console.log(`skipped: ${linux}`);

const boot = able
  ? `-m 192 -nographic -no-reboot -kernel ${linux.kernel} -initrd ${linux.initrd} -append "console=ttyS0 quiet panic=-1"`
  : '';

const TAP = '-netdev tap,id=n0,script=no,downscript=no';
const LAB = guestNetwork(
  `host# ${QEMU} -name vm1 ${boot} ${TAP},ifname=tap0 -device virtio-net-pci,netdev=n0 &`,
  `host# ${QEMU} -name vm2 ${boot} ${TAP},ifname=tap1 -device virtio-net-pci,netdev=n0,mac=${MAC2} &`,
  `host# ${QEMU} -name vm3 ${boot} -nic user,model=virtio-net-pci,hostfwd=tcp::2222-:80 &`,
);

const ADDRESS = 'ip -4 -o addr show eth0';
let folder = '';
let lab: Running;
const shells: GuestShell[] = [];

function shell(guest: string): GuestShell {
  const made = new GuestShell(guestConsole(guest));
  shells.push(made);
  return made;
}

beforeAll(async () => {
  if (!able) return;
  folder = mkdtempSync(join(tmpdir(), 'labwire-'));
  const file = join(folder, 'lab.md');
  writeFileSync(file, LAB);
  lab = labUp([file, '--qemu', '--on', 'web']);
  await lab.until(/the lab is up/);
});

afterAll(async () => {
  for (const one of shells) await one.end();
  if (able) await lab.end();
  if (able) rmSync(folder, { recursive: true });
});

it.runIf(able)('gives real guests the leases that a real host gives them, and names', async () => {
  const vm1 = shell('vm1');
  expect(await vm1.run(ADDRESS)).toContain(`inet ${VM1}/24`);
  expect(await vm1.run('nslookup files.example.net')).toContain('Address: 203.0.113.2');
  const vm2 = shell('vm2');
  expect(await vm2.run(ADDRESS)).toContain(`inet ${VM2}/24`);
  expect(await vm2.run(`ping -c 3 ${VM1}`)).toContain('3 packets received');
});

it.runIf(able)('carries a page of 10 MB through MASQUERADE to a real guest, whole', async () => {
  const vm2 = shells[1] as GuestShell;
  const page = await vm2.run('wget -q -O - http://files.example.net/page | sha1sum');
  expect(page).toContain(PAGE_SHA1);
  lab.type('cat /var/log/nginx/access.log');
  await lab.until(
    new RegExp(`^203\\.0\\.113\\.1 .*"GET /page HTTP/1\\.1" 200 ${PAGE_BYTES} `, 'm'),
  );
});

it.runIf(able)('lets simulated machines in to real guests by forwarded ports', async () => {
  const vm1 = shells[0] as GuestShell;
  await vm1.run('echo from the first > /www/index.html; httpd -h /www');
  lab.type('curl -s http://203.0.113.1:8080/');
  await lab.until(/from the first/);
  const vm3 = shell('vm3');
  expect(await vm3.run(ADDRESS)).toContain('inet 10.0.2.15/24');
  await vm3.run('echo from the third > /www/index.html; httpd -h /www');
  lab.type('curl -s http://203.0.113.1:2222/');
  await lab.until(/from the third/);
});
