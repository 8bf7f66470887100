import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { guestConsole, labUp, type Running } from './lab-up.ts';
import { tinyLinux } from './tiny-linux.ts';

const QEMU = 'qemu-system-x86_64';
const linux =
  spawnSync(QEMU, ['--version']).status === 0 ? tinyLinux() : `no ${QEMU} on this computer`;
const able = typeof linux !== 'string';
if (!able) console.log(`skipped: ${linux}`);

/** Ten megabytes in which any piece that is missing, twice there or elsewhere would be seen. */
const PAGE = 'seq 1 1400000';
const PAGE_SHA1 = 'b8b3b29ce6383e13f176182169fd2d47e17bb165';
/** The addresses that dnsmasq gives the guests' MAC addresses on a real host. */
const [VM1, VM2] = ['192.168.122.76', '192.168.122.77'];

const boot = able
  ? `-m 192 -nographic -no-reboot -kernel ${linux.kernel} -initrd ${linux.initrd} -append "console=ttyS0 quiet panic=-1"`
  : '';

/** A host with a bridge for two guests; a network beyond with a server of files and names. */
const LAB = `---
world: none
machines:
  host: { interfaces: { eth0: { link: net, addresses: [203.0.113.1/24] } } }
  web: { interfaces: { eth0: { link: net, addresses: [203.0.113.2/24] } } }
---
\`\`\`console
host# sysctl -qw net.ipv4.ip_forward=1
host# iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE
host# iptables -t nat -A PREROUTING -i eth0 -p tcp --dport 8080 -j DNAT --to-destination ${VM1}:80
host# ip link add br0 type bridge
host# ip addr add 192.168.122.1/24 dev br0
host# ip link set br0 up
host# for tap in tap0 tap1; do ip tuntap add $tap mode tap; ip link set $tap master br0 up; done
host# dnsmasq --interface=br0 --bind-interfaces --dhcp-range=192.168.122.2,192.168.122.254 --address=/files.example.net/203.0.113.2
web# ${PAGE} > /var/www/html/page
web# nginx
host# ${QEMU} -name vm1 ${boot} -netdev tap,id=n0,ifname=tap0,script=no,downscript=no -device virtio-net-pci,netdev=n0 &
host# ${QEMU} -name vm2 ${boot} -netdev tap,id=n0,ifname=tap1,script=no,downscript=no -device virtio-net-pci,netdev=n0,mac=52:54:00:12:34:57 &
host# ${QEMU} -name vm3 ${boot} -nic user,model=virtio-net-pci,hostfwd=tcp::2222-:80 &
\`\`\`
`;

/** A shell at a guest's console. */
class GuestShell {
  readonly #console: Running;
  #commands = 0;

  constructor(guest: string) {
    this.#console = guestConsole(guest);
  }

  /** @returns what a command prints, its last line its exit code */
  async run(command: string): Promise<string> {
    if (this.#commands === 0) await this.#console.until(/tiny# /);
    const n = ++this.#commands;
    this.#console.type(`echo "begin $((${n}))"; ${command}; echo "end $((${n})) with $?"`);
    const [, output = ''] = await this.#console.until(
      new RegExp(`begin ${n}\\s+([^]*)end ${n} with \\d+`),
    );
    return output.replaceAll('\r', '');
  }

  async end(): Promise<void> {
    await this.#console.end();
  }
}

const ADDRESS = 'ip -4 -o addr show eth0';
let folder = '';
let lab: Running;
const shells: GuestShell[] = [];

function shell(guest: string): GuestShell {
  const made = new GuestShell(guest);
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
  await lab.until(/^203\.0\.113\.1 .*"GET \/page HTTP\/1\.1" 200 10088896 /m);
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
