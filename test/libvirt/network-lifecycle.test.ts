import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LibvirtHost } from '../conformance/libvirt/libvirt-host.ts';
import { networkXml } from './network-xml.ts';

/** What a network may leave traces in. dnsmasq's pid files stay, as nobody may take them away: so on Linux. */
const TRACES = [
  'iptables-save | grep -v "^#"',
  'ip6tables-save | grep -v "^#"',
  'ip -o link | sed "s/^[0-9]*//"',
  'ip -o addr | sed "s/^[0-9]*//"',
  'ip route; ip -6 route',
  'ps -eo args | grep dnsmasq | grep -v grep',
  'find /etc/libvirt /var/lib/libvirt /run/libvirt | grep -v "[.]pid$" | sort',
  'virsh net-list --all',
].join('; echo --; ');

async function traces(host: LibvirtHost): Promise<string> {
  return (await host.shell(TRACES)).out;
}

describe('a network', () => {
  it('that was started and destroyed leaves tables, devices, files and processes as they were', async () => {
    await fc.assert(
      fc.asyncProperty(networkXml, async (xml) => {
        const host = await LibvirtHost.start();
        await host.shell('mkdir -p /var/lib/libvirt/dnsmasq');
        const before = await traces(host);
        const defined = await host.define(xml);
        expect(defined.err).toBe('');
        const defs = await traces(host);
        expect((await host.shell('virsh net-start any')).err).toBe('');
        expect(await traces(host)).not.toBe(defs);
        expect((await host.shell('virsh net-destroy any')).err).toBe('');
        expect((await host.shell('virsh net-undefine any')).err).toBe('');
        expect(await traces(host)).toBe(before);
      }),
      { numRuns: 12 },
    );
  }, 60_000);

  it('whose start is refused leaves them so too', async () => {
    const host = await LibvirtHost.start();
    await host.shell('mkdir -p /var/lib/libvirt/dnsmasq; ip link add virbr9 type bridge');
    await host.shell('ip addr add 10.9.0.1/24 dev virbr9; ip link set virbr9 up');
    const before = await traces(host);
    for (const body of [
      "<bridge name='virbr9'/>",
      "<ip address='10.9.0.5' prefix='24'/>",
      "<bridge zone='trusted'/>",
      "<ip address='224.0.0.1'/>",
      "<ip address='10.1.0.1' prefix='20' localPtr='yes'/>",
      "<mtu size='20'/>",
      "<mac address='00:00:00:00:00:00'/>",
    ]) {
      host.write('/tmp/refused.xml', `<network><name>refused</name>${body}</network>`);
      const { code } = await host.shell('virsh net-create /tmp/refused.xml');
      expect([body, code]).toEqual([body, 1]);
      expect(await traces(host)).toBe(before);
    }
  });
});
