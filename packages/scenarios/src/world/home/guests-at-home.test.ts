import { expect, it } from 'vitest';
import { loadLab, runLab } from '../../lab/index.ts';

const domain = (name: string, nic: string): string =>
  `<domain type='kvm'><name>${name}</name><memory unit='MiB'>512</memory><os><type arch='x86_64'>hvm</type></os><devices>${nic}</devices></domain>`;

const FRONT_MATTER = [
  '---',
  'world: home',
  'machines:',
  '  host:',
  '    run: [ systemctl start libvirtd, virsh net-start default ]',
  '    files:',
  `      /root/direct.xml: "${domain('direct', "<interface type='direct'><mac address='52:54:00:00:00:d1'/><source dev='eth0' mode='bridge'/></interface>")}"`,
  `      /root/inner.xml: "${domain('inner', "<interface type='network'><source network='default'/></interface>")}"`,
  '---',
].join('\n');

async function typed(...commands: string[]): Promise<string[]> {
  const lab = loadLab({
    file: 'lab.md',
    text: `${FRONT_MATTER}\n\`\`\`\n${commands.join('\n')}\n\`\`\`\n`,
  });
  const result = await runLab(lab);
  expect(result.error).toBeUndefined();
  return result.commands.map((c) => c.output);
}

it('gives a guest on macvtap a place on the LAN, where all but its host can reach it', async () => {
  const [, , address, world, laptop, host] = await typed(
    '$ virsh define direct.xml; virsh start direct',
    '$ sleep 15',
    'direct$ ip -4 -br addr show enp1s0',
    'direct$ curl -s ifconfig.me',
    'laptop$ ping -c 1 direct',
    '$ ping -c 1 -W 1 direct',
  );
  expect(address).toMatch(/ 192\.168\.0\.1\d\d\/24/);
  expect(world).toBe('203.0.113.7\n');
  expect(laptop).toContain('1 received');
  expect(host).toContain('PING direct.lan (192.168.0.1');
  expect(host).toContain('100% packet loss');
});

it('lets a guest of a NAT network out through both NATs, and nobody in', async () => {
  const [, , hops, name, laptop] = await typed(
    '$ virsh define inner.xml; virsh start inner',
    '$ sleep 18',
    'inner$ traceroute -n -q 1 8.8.8.8',
    'inner$ dig +short example.com',
    'laptop$ ping -c 1 -W 1 192.168.122.1',
  );
  const shown = hops?.split('\n').flatMap((l) => /^ *\d+ {2}(\S+)/.exec(l)?.[1] ?? []);
  expect(shown?.slice(0, 3)).toEqual(['192.168.122.1', '192.168.0.1', '203.0.113.1']);
  expect(name).toBe('93.184.216.34\n');
  expect(laptop).toContain('0 received');
});
