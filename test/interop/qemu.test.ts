import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'vitest';
import { labUp, Running } from './lab-up.ts';

const QEMU = 'qemu-system-x86_64';
const able = spawnSync(QEMU, ['--version']).status === 0;
if (!able) console.log(`skipped: no ${QEMU}`);

/** A network that gives leases and names, masquerades, and serves what its guest boots; and a file in the internet beyond. */
const LAB = `---
world: none
machines:
  host: { interfaces: { eth0: { link: net, addresses: [203.0.113.1/24] } } }
  web: { interfaces: { eth0: { link: net, addresses: [203.0.113.2/24] } } }
---
\`\`\`console
host# sysctl -qw net.ipv4.ip_forward=1
host# iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE
host# ip link add br0 type bridge
host# ip tuntap add tap0 mode tap
host# ip link set tap0 master br0
host# ip addr add 192.168.122.1/24 dev br0
host# ip link set br0 up
host# ip link set tap0 up
host# dnsmasq --interface=br0 --bind-interfaces --dhcp-range=192.168.122.2,192.168.122.254 --dhcp-boot=http://192.168.122.1/boot.ipxe --address=/files.example.net/203.0.113.2
host# nginx
web# head -c 10000000 /dev/zero > /var/www/html/big
web# nginx
\`\`\`

\`\`\`console
host# cat > /var/www/html/boot.ipxe <<'END'
> #!ipxe
> imgfetch http://files.example.net/big && echo fetched it || echo no file
> imgstat
> poweroff
> END
\`\`\`
`;

it.runIf(able)(
  'serves a guest of QEMU: its lease, a name, and a page of 10 MB through NAT',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'labwire-'));
    const [lab, socket] = [join(folder, 'lab.md'), join(folder, 'vm.sock')];
    writeFileSync(lab, LAB);
    const up = labUp([lab, '--tap', `host:tap0=unix:${socket}`]);
    const netdev = `stream,id=n0,server=off,addr.type=unix,addr.path=${socket}`;
    let guest: Running | undefined;
    try {
      await up.until(/the lab is up/);
      guest = new Running(QEMU, [
        ...['-accel', 'tcg', '-m', '128', '-nographic', '-no-reboot', '-boot', 'n'],
        ...['-netdev', netdev, '-device', 'e1000,netdev=n0,mac=52:54:00:be:28:d3'],
      ]);
      // the address that dnsmasq gives this MAC address on a real host
      await guest.until(/net0: 192\.168\.122\.155\/255\.255\.255\.0 gw 192\.168\.122\.1/);
      await guest.until(/fetched it/);
      await guest.until(/big : 10000000 bytes/);
      up.type('cat /var/lib/misc/dnsmasq.leases');
      await up.until(/52:54:00:be:28:d3 192\.168\.122\.155/);
      up.type('conntrack -L -p tcp');
      await up.until(/src=192\.168\.122\.155 dst=203\.0\.113\.2 .*dst=203\.0\.113\.1/);
    } finally {
      await guest?.end();
      await up.until(/disconnected/);
      await up.end();
      rmSync(folder, { recursive: true });
    }
  },
);
