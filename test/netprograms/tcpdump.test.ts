import { expect, it } from 'vitest';
import { TwoMachines } from './two-machines.ts';

it('shows a ping with its ARP, and counts', async () => {
  const net = new TwoMachines();
  const dump = net.start(net.b, "tcpdump -tnei eth0 -c 4 'arp or icmp'");
  await net.pass(0.1);
  await net.run(net.a, 'ping -c 1 10.0.0.2');
  await net.pass(0.1);
  expect(
    dump.output,
  ).toBe(`tcpdump: verbose output suppressed, use -v[v]... for full protocol decode
listening on eth0, link-type EN10MB (Ethernet), snapshot length 262144 bytes
02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff, ethertype ARP (0x0806), length 42: Request who-has 10.0.0.2 tell 10.0.0.1, length 28
02:00:00:00:00:02 > 02:00:00:00:00:01, ethertype ARP (0x0806), length 42: Reply 10.0.0.2 is-at 02:00:00:00:00:02, length 28
02:00:00:00:00:01 > 02:00:00:00:00:02, ethertype IPv4 (0x0800), length 98: 10.0.0.1 > 10.0.0.2: ICMP echo request, id 1, seq 1, length 64
02:00:00:00:00:02 > 02:00:00:00:00:01, ethertype IPv4 (0x0800), length 98: 10.0.0.2 > 10.0.0.1: ICMP echo reply, id 1, seq 1, length 64
4 packets captured
4 packets received by filter
0 packets dropped by kernel
`);
  expect(dump.exitCode).toBe(0);
});

it('reads back what it wrote, through filters', async () => {
  const net = new TwoMachines();
  const dump = net.start(net.b, 'tcpdump -i eth0 -w /tmp/t.pcap tcp port 7000');
  net.start(net.b, 'nc -l 7000');
  await net.pass(0.1);
  await net.run(net.a, 'nc -N -p 41000 10.0.0.2 7000', { stdin: 'hello\n' });
  await net.pass(1);
  dump.proc.kill(2);
  await net.pass(0.1);
  expect(dump.output).toMatch(
    /8 packets captured\n8 packets received by filter\n0 packets dropped by kernel\n$/,
  );
  const count = async (filter: string) => {
    const { output } = await net.run(net.b, `tcpdump -tnr /tmp/t.pcap --count '${filter}'`);
    return Number(/(\d+) packets?\n$/.exec(output)?.[1]);
  };
  expect(await count('')).toBe(8);
  expect(await count('tcp[tcpflags] & (tcp-syn|tcp-fin) != 0')).toBe(4);
  expect(await count('tcp[((tcp[12] & 0xf0) >> 2):4] = 0x68656c6c')).toBe(1);
  expect(await count('src host 10.0.0.2 and not dst port 80')).toBe(3);
  expect(await count('src net 10.0.0.0/30 or port 1')).toBe(8);
  expect(await count('ether src 02:00:00:00:00:01 && greater 70')).toBe(2);
  expect(await count('udp || icmp || (ip6 and tcp)')).toBe(0);
  expect(await count('src or dst portrange 41000-41001')).toBe(8);
});

it.each([
  ['-i eth7', 'eth7: No such device exists\n(No such device exists)'],
  ["-i eth0 'host and port'", "can't parse filter expression: syntax error"],
  ["-i eth0 'prot 80'", "can't parse filter expression: syntax error"],
  ["-i eth0 'port http8'", "unknown port 'http8'"],
  ["-i eth0 'host 10.10.0.300'", "invalid IPv4 address '10.10.0.300'"],
  ["-i eth0 'port 70000'", 'illegal port number 70000 > 65535'],
  ["-i eth0 'net 10.6.0.0/40'", 'mask length must be <= 32'],
  ["-i eth0 'tcp[13'", "can't parse filter expression: syntax error"],
  ["-i eth0 'host nosuchname.lab'", "unknown host 'nosuchname.lab'"],
  ['-c 0 -i eth0', 'invalid packet count 0'],
  ['-s -1 -i eth0', 'invalid snaplen -1 (must be >= 0 and <= 262144)'],
  ['-r /nothing.pcap', '/nothing.pcap: No such file or directory'],
])('tcpdump %s is refused', async (args, message) => {
  const net = new TwoMachines();
  const { output, exitCode } = await net.run(net.a, `tcpdump ${args}`);
  expect(output).toBe(`tcpdump: ${message}\n`);
  expect(exitCode).toBe(1);
});
