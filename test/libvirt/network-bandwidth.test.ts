import { describe, expect, it } from 'vitest';
import { LibvirtHost } from '../conformance/libvirt/libvirt-host.ts';

/** Each: a network's `<bandwidth>`, and the command lines of real libvirt 9.0, seen through a wrapper around tc. */
const RECORDED: Readonly<Record<string, readonly string[]>> = {
  "<inbound average='1000' peak='5000' burst='5120'/>": [
    'qdisc add dev virbr7 root handle 1: htb default 2',
    'class add dev virbr7 parent 1: classid 1:1 htb rate 1000kbps ceil 5000kbps quantum 85',
    'class add dev virbr7 parent 1:1 classid 1:2 htb rate 1000kbps ceil 5000kbps burst 5120kb quantum 85',
    'qdisc add dev virbr7 parent 1:2 handle 2: sfq perturb 10',
    'filter add dev virbr7 parent 1:0 protocol all prio 1 handle 1 fw flowid 1',
  ],
  "<inbound average='1000' burst='64'/><outbound average='300' burst='20'/>": [
    'qdisc add dev virbr7 root handle 1: htb default 2',
    'class add dev virbr7 parent 1: classid 1:1 htb rate 1000kbps ceil 1000kbps quantum 85',
    'class add dev virbr7 parent 1:1 classid 1:2 htb rate 1000kbps burst 64kb quantum 85',
    'qdisc add dev virbr7 parent 1:2 handle 2: sfq perturb 10',
    'filter add dev virbr7 parent 1:0 protocol all prio 1 handle 1 fw flowid 1',
    'qdisc add dev virbr7 ingress',
    'filter add dev virbr7 parent ffff: protocol all u32 match u32 0 0 police rate 300kbps burst 20kb mtu 64kb drop flowid :1',
  ],
  "<outbound average='128'/>": [
    'qdisc add dev virbr7 ingress',
    'filter add dev virbr7 parent ffff: protocol all u32 match u32 0 0 police rate 128kbps burst 128kb mtu 64kb drop flowid :1',
  ],
};
const CLEARED = ['qdisc del dev virbr7 root', 'qdisc del dev virbr7 ingress'];
const ADDRESS = "<ip address='10.7.0.1' prefix='24'/>";

function xml(bandwidth: string): string {
  return `<network><name>bw</name><bridge name='virbr7'/>${ADDRESS}<bandwidth>${bandwidth}</bandwidth></network>`;
}

describe('the bandwidth of a network', () => {
  for (const [bandwidth, commands] of Object.entries(RECORDED))
    it(`is what tc is told: ${bandwidth}`, async () => {
      const host = await LibvirtHost.start();
      await host.shell('mv /sbin/tc /sbin/tc.real');
      host.write('/sbin/tc', '#!/bin/bash\necho "$*" >> /tmp/tc.log\nexec /sbin/tc.real "$@"\n');
      host.write('/tmp/bw.xml', xml(bandwidth));
      const ran = await host.shell('chmod +x /sbin/tc; virsh net-create /tmp/bw.xml');
      expect(ran).toMatchObject({ err: '', code: 0 });
      await host.shell('virsh net-destroy bw');
      const log = host.read('/tmp/tc.log')?.trimEnd().split('\n');
      expect(log).toEqual([...CLEARED, ...commands, ...CLEARED]);
    });

  it('is not there without tc: nothing is left of the network', async () => {
    const host = await LibvirtHost.start();
    host.write('/tmp/bw.xml', xml("<outbound average='128'/>"));
    const { err } = await host.shell('rm /sbin/tc; virsh net-create /tmp/bw.xml');
    expect(err).toBe(
      "error: Failed to create network from /tmp/bw.xml\nerror: Cannot find 'tc' in path: No such file or directory\n",
    );
    expect((await host.shell('ip -br link | grep virbr; ps -e | grep dnsmasq')).out).toBe('');
  });
});
