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
