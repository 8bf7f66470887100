import { put8, put16, put32 } from '@labwire/core/bytes';
import { allocSkb } from '@labwire/core/skb';
import { checksum } from '@labwire/core/wire';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addAddr, Hosts, ip4 } from '../../../../test/kit/hosts.ts';

function host() {
  const net = new Hosts();
  const [a, b] = [net.host(), net.host()];
  const [v0] = net.cable(a, 'v0', b, 'v1');
  addAddr(a, 'v0', '10.0.0.1/24');
  a.sysctl.write('net/ipv4/ip_forward', '1');
  a.udp.open('inet').bind({ addr: ip4('0.0.0.0'), port: 0x0101 });
  a.ipv4.openRaw(1);
  a.ipv4.openPing().connect({ addr: ip4('10.0.0.2'), port: 0 });
  return { net, a, v0 };
}

/** A frame for `v0` whose Ethernet header is right. */
function deliver(to: ReturnType<typeof host>, type: number, payload: Uint8Array): void {
  const skb = allocSkb(payload.length);
  skb.nh = skb.put(payload.length);
  skb.buf.set(payload, skb.nh);
  const at = skb.push(14);
  put16(skb.buf, at, Math.floor(to.v0.addr / 0x1_0000_0000));
  put32(skb.buf, at + 2, to.v0.addr % 0x1_0000_0000);
  put16(skb.buf, at + 12, type);
  skb.dev = to.v0;
  to.a.receive(skb);
}

const bytes = fc.uint8Array({ maxLength: 120, size: 'max' });

it('takes arbitrary bytes as IPv4 or ARP without a word', () => {
  const to = host();
  const property = fc.property(fc.constantFrom(0x0800, 0x0806), bytes, (type, payload) => {
    deliver(to, type, payload);
    to.net.run(0.001);
  });
  fc.assert(property, { numRuns: 300 });
});

it('takes right headers with arbitrary options, lengths, fragments and contents', () => {
  const to = host();
  const header = fc.record({
    ihl: fc.integer({ min: 5, max: 15 }),
    fragOff: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })),
    protocol: fc.constantFrom(1, 2, 6, 17, 99),
    ttl: fc.integer({ min: 0, max: 3 }),
    daddr: fc.constantFrom('10.0.0.1', '10.0.0.255', '10.0.0.77', '224.0.0.1', '9.9.9.9'),
    saddr: fc.constantFrom('10.0.0.2', '10.0.0.1', '0.0.0.0', '127.0.0.1', '224.0.0.9'),
  });
  const property = fc.property(header, bytes, (h, rest) => {
    const hlen = h.ihl * 4;
    const packet = new Uint8Array(Math.max(hlen, rest.length + 20));
    packet.set(rest, 20);
    put8(packet, 0, 0x40 | h.ihl);
    put16(packet, 2, packet.length);
    put16(packet, 6, h.fragOff);
    put8(packet, 8, h.ttl);
    put8(packet, 9, h.protocol);
    put32(packet, 12, ip4(h.saddr));
    put32(packet, 16, ip4(h.daddr));
    put16(packet, 10, checksum(packet, 0, hlen));
    if (h.protocol === 1 && packet.length >= hlen + 4) {
      put16(packet, hlen + 2, 0);
      put16(packet, hlen + 2, checksum(packet, hlen, packet.length - hlen));
    }
    deliver(to, 0x0800, packet);
    to.net.run(0.05);
  });
  fc.assert(property, { numRuns: 1000 });
  expect(to.a.ipv4.mib.InReceives).toBeGreaterThan(900);
  expect(to.a.ipv4.icmp.mib.OutMsgs).toBeGreaterThan(5);
});
