import { type Ipv4Addr, type MacAddr, parseIpv4, parseIpv6 } from '@labwire/core/addr';
import { get16 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { SEC, Simulator } from '@labwire/core/sim';
import type { SkBuff } from '@labwire/core/skb';
import { checksumOk, IPPROTO_TCP, sum16 } from '@labwire/core/wire';
import {
  connect,
  devOpen,
  type NetDevice,
  Nic,
  registerNetdevice,
  Veth,
} from '@labwire/devices/link';
import { Kernel, type Netns } from '@labwire/devices/netns';
import { addrAdd, linkSet, routeAdd } from '@labwire/devices/rtnetlink';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Talker } from './transfer.ts';

const CREATE = { create: true, excl: true };
const PORT = 5000;

const FAMILIES = {
  inet: { near: '10.0.1.1', via: '10.0.1.2', out: '10.0.2.2', far: '10.0.2.1', len: 24 },
  inet6: { near: 'fd01::1', via: 'fd01::2', out: 'fd02::2', far: 'fd02::1', len: 64 },
} as const;
type Family = keyof typeof FAMILIES;

const parse = (family: Family, text: string) =>
  (family === 'inet' ? parseIpv4(text) : parseIpv6(text)) as Ipv4Addr;

/** A host, a veth that takes super-segments, a router, a cable that carries frames alone, a host. */
class Path {
  readonly sim = new Simulator();
  readonly near: Netns;
  readonly far: Netns;
  readonly router: Netns;
  readonly #family: Family;

  /** @param mtu of the cable at the router, @param farMtu at the far host, whose MSS the near one goes by at first */
  constructor(family: Family, mtu: number, farMtu: number) {
    this.#family = family;
    const kernel = new Kernel(this.sim, 'near');
    const other = new Kernel(this.sim, 'far');
    this.near = kernel.initNetns;
    this.router = kernel.newNetns();
    this.far = other.initNetns;
    const ends = [
      ...Veth.createPair({ netns: this.near, name: 'v0' }, { netns: this.router, name: 'v1' }),
      this.#nic(this.router, 1),
      this.#nic(this.far, 2),
    ] as [Veth, Veth, Nic, Nic];
    connect(this.sim, 'cable', [ends[2], ends[3]], { rate: 1e9, delay: 1000 });
    const { near, via, out, far, len } = FAMILIES[family];
    for (const [dev, addr] of [
      [ends[0], near],
      [ends[1], via],
      [ends[2], out],
      [ends[3], far],
    ] as const)
      this.#address(dev, addr, len);
    linkSet(this.router, ends[2].ifindex, { mtu });
    linkSet(this.far, ends[3].ifindex, { mtu: farMtu });
    for (const path of ['net/ipv4/ip_forward', 'net/ipv6/conf/all/forwarding'])
      this.router.sysctl.write(path, '1');
    this.#defaultRoute(this.near, via);
    this.#defaultRoute(this.far, out);
    this.sim.runEvents(3 * SEC); // duplicate address detection
  }

  #nic(netns: Netns, n: number): Nic {
    const nic = new Nic('eth0', (0x0200_0000_0000 + n) as MacAddr);
    registerNetdevice(netns, nic);
    return nic;
  }

  #address(dev: NetDevice, addr: string, prefixLen: number): void {
    devOpen(dev);
    const local = parse(this.#family, addr);
    const request = { family: this.#family, ifindex: dev.ifindex, local, prefixLen, nodad: true };
    addrAdd(dev.netns as Netns, request as Parameters<typeof addrAdd>[1], CREATE);
  }

  #defaultRoute(netns: Netns, via: string): void {
    const any = parse(this.#family, this.#family === 'inet' ? '0.0.0.0' : '::');
    const nexthops = [{ via: parse(this.#family, via) }];
    routeAdd(netns, { family: this.#family, dst: any, dstLen: 0, nexthops }, CREATE);
  }

  /** Sends `sizes` bytes each way over one connection. @returns both ends */
  transfer(sizes: readonly [number, number], piece: number): [Talker, Talker] {
    const listener = this.far.tcp.open(this.#family);
    listener.bind({ addr: parse(this.#family, FAMILIES[this.#family].far), port: PORT });
    listener.listen(1);
    const socket = this.near.tcp.open(this.#family);
    try {
      socket.connect({ addr: parse(this.#family, FAMILIES[this.#family].far), port: PORT });
    } catch (e) {
      if (!(e instanceof KernelError) || e.errno !== 'EINPROGRESS') throw e;
    }
    this.sim.runEvents(this.sim.now + SEC);
    const from = new Talker(socket, 0, sizes[0], piece, false);
    const to = new Talker(listener.accept() as typeof socket, 1, sizes[1], piece, false);
    from.run();
    to.run();
    this.sim.runEvents(this.sim.now + 60 * SEC);
    return [from, to];
  }
}

/** Whether the transport check of a received TCP packet is right, whoever vouches for it. */
function intact({ buf, nh, tail }: SkBuff): boolean {
  const v6 = (buf[nh] as number) >> 4 === 6;
  const th = nh + (v6 ? 40 : 20);
  const addresses = v6 ? sum16(buf, nh + 8, 32) : sum16(buf, nh + 12, 8);
  const end = v6 ? tail : nh + get16(buf, nh + 2);
  return checksumOk(buf, th, end - th, addresses + IPPROTO_TCP + end - th);
}

it.each(['inet', 'inet6'] as const)(
  'carries a stream over %s in super-segments where it may, and in frames of the MTU where it must',
  (family) => {
    let largest = 0;
    const way = fc.record({
      mtu: fc.integer({ min: 1280, max: 1500 }),
      sizes: fc.tuple(
        fc.integer({ min: 1, max: 300_000 }),
        fc.oneof(fc.constant(0), fc.nat({ max: 50_000 })),
      ),
      piece: fc.integer({ min: 1000, max: 100_000 }),
    });
    fc.assert(
      fc.property(way, ({ mtu, sizes, piece }) => {
        const path = new Path(family, mtu, sizes[1] > 0 ? mtu : 1500);
        const seen: { len: number; ok: boolean }[] = [];
        path.far.kernel.trace.receive.listen((skb) => {
          const tcp = (skb.buf[skb.nh + (family === 'inet' ? 9 : 6)] as number) === IPPROTO_TCP;
          if (tcp) seen.push({ len: skb.tail - skb.nh, ok: intact(skb) });
        });
        path.router.kernel.trace.receive.listen((skb) => {
          largest = Math.max(largest, skb.tail - skb.nh);
        });
        const [from, to] = path.transfer(sizes, piece);
        expect([to.received, from.received, to.garbled, from.garbled]).toEqual([
          ...sizes,
          false,
          false,
        ]);
        expect([from.error, to.error]).toEqual([undefined, undefined]);
        expect(Math.max(...seen.map(({ len }) => len))).toBeLessThanOrEqual(mtu);
        expect(seen.every(({ ok }) => ok)).toBe(true);
      }),
      { numRuns: 25 },
    );
    expect(largest).toBeGreaterThan(20_000);
  },
);
