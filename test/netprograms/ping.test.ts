import { expect, it } from 'vitest';
import { TwoMachines } from './two-machines.ts';

/** Measured times stand for any. */
function timeless(text: string): string {
  return text
    .replace(/time=[\d.]+ ms/g, 'time=T ms')
    .replace(/time \d+ms/g, 'time Tms')
    .replace(/= [\d./]+ ms/g, '= T ms');
}

it('pings a neighbour', async () => {
  const net = new TwoMachines();
  const { output, exitCode } = await net.run(net.a, 'ping -c 2 10.0.0.2');
  expect(timeless(output)).toBe(`PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.
64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=T ms
64 bytes from 10.0.0.2: icmp_seq=2 ttl=64 time=T ms

--- 10.0.0.2 ping statistics ---
2 packets transmitted, 2 received, 0% packet loss, time Tms
rtt min/avg/max/mdev = T ms
`);
  expect(exitCode).toBe(0);
});

it('arping asks by broadcast, then the one that answered', async () => {
  const net = new TwoMachines();
  const { output, exitCode } = await net.run(net.a, 'arping -c 2 -I eth0 10.0.0.2');
  expect(output.replace(/ \d\.\d{3}ms/g, ' Tms')).toBe(`ARPING 10.0.0.2 from 10.0.0.1 eth0
Unicast reply from 10.0.0.2 [02:00:00:00:00:02]  Tms
Unicast reply from 10.0.0.2 [02:00:00:00:00:02]  Tms
Sent 2 probes (1 broadcast(s))
Received 2 response(s)
`);
  expect(exitCode).toBe(0);
});

it('arping -D finds out whether an address is free', async () => {
  const net = new TwoMachines();
  expect((await net.run(net.a, 'arping -D -c 1 -w 1 -I eth0 10.0.0.2')).exitCode).toBe(1);
  expect((await net.run(net.a, 'arping -D -c 1 -w 1 -I eth0 10.0.0.77')).exitCode).toBe(0);
  expect((await net.run(net.a, 'arping -c 1 -I eth7 10.0.0.2')).output).toBe(
    'arping: Device eth7 not available.\n',
  );
});

it.each([
  [
    '-c 0 10.0.0.2',
    "ping: invalid argument: '0': out of range: 1 <= value <= 9223372036854775807\n",
    1,
  ],
  ['-c two 10.0.0.2', "ping: invalid argument: 'two'\n", 1],
  ['-t 300 10.0.0.2', "ping: invalid argument: '300': out of range: 0 <= value <= 255\n", 1],
  ['-M maybe 10.0.0.2', 'ping: invalid -M argument: maybe\n', 2],
  ['-I 10.9.9.9 10.0.0.2', 'ping: bind: Cannot assign requested address\n', 2],
  ['-I eth5 10.0.0.2', 'ping: SO_BINDTODEVICE eth5: No such device\n', 2],
  ['10.10.10.10', 'ping: connect: Network is unreachable\n', 2],
  [
    '10.0.0.255',
    'ping: Do you want to ping broadcast? Then -b. If not, check your local firewall rules\n',
    2,
  ],
  ['no-such-host', 'ping: no-such-host: Temporary failure in name resolution\n', 2],
  ['', 'ping: usage error: Destination address required\n', 1],
])('ping %s is refused', async (args, message, code) => {
  const net = new TwoMachines();
  const { output, exitCode } = await net.run(net.a, `ping ${args}`);
  expect([output, exitCode]).toEqual([message, code]);
});

it('ends with its statistics when it is interrupted', async () => {
  const net = new TwoMachines();
  const running = net.start(net.a, 'ping 10.0.0.2');
  await net.pass(2.5);
  running.proc.kill(2);
  await net.pass(0.1);
  expect(timeless(running.output)).toContain(
    '3 packets transmitted, 3 received, 0% packet loss, time Tms',
  );
  expect(running.exitCode).toBe(0);
});

it('tells of a neighbour that does not answer', async () => {
  const net = new TwoMachines();
  const { output, exitCode } = await net.run(net.a, 'ping -c 2 10.0.0.77');
  expect(timeless(output)).toBe(`PING 10.0.0.77 (10.0.0.77) 56(84) bytes of data.
From 10.0.0.1 icmp_seq=1 Destination Host Unreachable
From 10.0.0.1 icmp_seq=2 Destination Host Unreachable

--- 10.0.0.77 ping statistics ---
2 packets transmitted, 0 received, +2 errors, 100% packet loss, time Tms
pipe 2
`);
  expect(exitCode).toBe(1);
});
