import { loadLab, runLab } from '@labwire/scenarios/lab';
import { describe, expect, it } from 'vitest';

const WRAPPER = '#!/bin/bash\necho "$*" >> /tmp/tc.log\nexec /sbin/tc.real "$@"\n';
/** What `virsh create` of a guest in a network made tc do on its tap: real libvirt 9.0, seen through a wrapper around tc. */
const CLEARED = ['qdisc del dev vnet0 root', 'qdisc del dev vnet0 ingress'];
const BOTH = [
  'qdisc add dev vnet0 root handle 1: htb default 1',
  'class add dev vnet0 parent 1: classid 1:1 htb rate 1000kbps ceil 5000kbps burst 5120kb quantum 85',
  'qdisc add dev vnet0 parent 1:1 handle 2: sfq perturb 10',
  'filter add dev vnet0 parent 1:0 protocol all prio 1 handle 1 fw flowid 1',
  'qdisc add dev vnet0 ingress',
  'filter add dev vnet0 parent ffff: protocol all u32 match u32 0 0 police rate 128kbps burst 256kb mtu 64kb drop flowid :1',
];
const OF_ITS_GROUP = [
  'qdisc add dev vnet0 ingress',
  'filter add dev vnet0 parent ffff: protocol all u32 match u32 0 0 police rate 300kbps burst 300kb mtu 64kb drop flowid :1',
];

/** Starts a guest in a network, types lines, and gives back what was printed. */
async function guestIn(network: string, iface: string, ...lines: readonly string[]) {
  const domain =
    "<domain type='qemu'><name>g</name><memory unit='MiB'>32</memory><os><type>hvm</type></os><features><acpi/></features>" +
    `<devices><interface type='network'><mac address='52:54:00:00:00:01'/>${iface}</interface></devices></domain>`;
  const files = {
    '/tmp/n.xml': `<network><name>n</name><bridge name='virbr7'/>${network}</network>`,
    '/tmp/d.xml': domain,
    '/tmp/tc': WRAPPER,
  };
  const machines = { host: { files, run: ['virtlogd -d', 'libvirtd -d', 'sleep 2'] } };
  const commands = ['$ virsh -q net-create /tmp/n.xml', ...lines];
  const text = `---\n${JSON.stringify({ machines })}\n---\n\`\`\`console\n${commands.join('\n')}\n\`\`\`\n`;
  const result = await runLab(loadLab({ file: 'lab.md', text }));
  return result.commands.map((c) => c.output);
}

const WRAPPED = '$ mv /sbin/tc /sbin/tc.real; mv /tmp/tc /sbin/tc; chmod +x /sbin/tc';

describe('the bandwidth of a guest', () => {
  it('is what tc is told', async () => {
    const limits =
      "<inbound average='1000' peak='5000' burst='5120'/><outbound average='128' peak='256' burst='256'/>";
    const outputs = await guestIn(
      '',
      `<source network='n'/><bandwidth>${limits}</bandwidth>`,
      WRAPPED,
      '$ virsh -q create /tmp/d.xml; cat /tmp/tc.log',
      '$ virsh -q destroy g; tc qdisc show; virsh net-port-list n | wc -l',
    );
    expect(outputs[2]?.trim().split('\n')).toEqual([...CLEARED, ...BOTH]);
    expect(outputs[3]).not.toContain('vnet0');
  });

  it('is that of its port group, if it has none of its own', async () => {
    const outputs = await guestIn(
      "<portgroup name='a'><bandwidth><outbound average='300'/></bandwidth></portgroup>",
      "<source network='n' portgroup='a'/>",
      WRAPPED,
      '$ virsh -q create /tmp/d.xml; cat /tmp/tc.log',
      "$ virsh dumpxml g | grep -A2 '<bandwidth'",
    );
    expect(outputs[2]?.trim().split('\n')).toEqual([...CLEARED, ...OF_ITS_GROUP]);
    expect(outputs[3]).toContain("<outbound average='300'/>");
  });

  it('is what attach-interface is told', async () => {
    const attach = '$ virsh -q attach-interface g network n --live --target new';
    const outputs = await guestIn(
      '',
      "<source network='n'/>",
      '$ virsh -q create /tmp/d.xml',
      `${attach} --outbound 20,,30`,
      '$ tc filter show dev new ingress | grep -o "rate.*mtu"; tc qdisc show dev new | wc -l',
      `${attach} --inbound 1,2,3,4,5; ${attach.slice(2)} --inbound 0,2; ${attach.slice(2)} --outbound 1,2,3,4`,
    );
    expect(outputs[3]).toBe('rate 160Kbit burst 30Kb mtu\n2\n');
    expect(outputs[4]?.split('\n').filter((l) => l !== '')).toEqual([
      "error: Rate string '1,2,3,4,5' has too many fields",
      'error: either inbound average or floor is mandatory',
      'error: outbound floor is unsupported yet',
    ]);
  });

  it('is not there without tc: the guest does not start, and nothing is left of it', async () => {
    const outputs = await guestIn(
      '',
      "<source network='n'/><bandwidth><outbound average='128'/></bandwidth>",
      '$ rm /sbin/tc; virsh create /tmp/d.xml',
      '$ ip -br link | grep -c vnet; virsh list --all --name; find /run/libvirt/network/n -type f',
    );
    expect(outputs[1]).toBe(
      "error: Failed to create domain from /tmp/d.xml\nerror: Cannot find 'tc' in path: No such file or directory\n\n",
    );
    expect(outputs[2]).toBe('0\n\n');
  });
});
