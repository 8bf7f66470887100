import type { Ipv4Addr } from '@labwire/core/addr';
import { IPV4_ANY } from '@labwire/core/addr';
import { get32, put32 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { MS, type Nanos, Simulator } from '@labwire/core/sim';
import { CHECKSUM_NONE, cloneSkb, freeSkb, type SkBuff } from '@labwire/core/skb';
import { pseudoSum4 } from '@labwire/core/wire';
import { Kernel, type Netns } from '@labwire/devices/netns';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import type { Flow, TcpInet } from '@labwire/devices/tcp';

/** Bytes of the header that carries only both addresses, where IPv4 has them. */
const HEADER = 20;
const SADDR = 12;
const DADDR = 16;
const TCP = 6;

/** How bad a link is: probabilities per segment, and its delays in Nanos. */
export interface Weather {
  readonly delay: Nanos;
  readonly loss: number;
  readonly duplicate: number;
  /** Probability of an additional delay of up to {@link reorderBy}. */
  readonly reorder: number;
  readonly reorderBy: Nanos;
  readonly corrupt: number;
}

/** No harm done. */
export const FAIR: Weather = {
  delay: MS,
  loss: 0,
  duplicate: 0,
  reorder: 0,
  reorderBy: 0,
  corrupt: 0,
};

/** What a test may do with a segment on its way. @returns false to lose it */
export type Tamper = (skb: SkBuff, from: Host) => boolean;

/** One end of the link: a kernel whose TCP speaks straight to the other end's. */
export class Host {
  readonly netns: Netns;
  readonly addr: Ipv4Addr;

  constructor(sim: Simulator, name: string, addr: Ipv4Addr) {
    this.netns = new Kernel(sim, name).initNetns;
    this.addr = addr;
  }
}

/** TCP's lower side as a wire between two hosts that loses, duplicates, overtakes and corrupts as told. */
export class Link {
  readonly sim: Simulator;
  readonly a: Host;
  readonly b: Host;
  weather: Weather = FAIR;
  mtu = 1500;
  tamper: Tamper = () => true;

  constructor(seed = 1) {
    this.sim = new Simulator({ seed, eventsPerSecond: 1e9 });
    this.a = new Host(this.sim, 'a', 0x0a000001 as Ipv4Addr);
    this.b = new Host(this.sim, 'b', 0x0a000002 as Ipv4Addr);
    this.a.netns.tcp.attach(new LinkInet(this, this.a));
    this.b.netns.tcp.attach(new LinkInet(this, this.b));
  }

  /** Takes a segment with its header and delivers it, or not. */
  send(skb: SkBuff, from: Host): void {
    const random = this.sim.random('weather');
    const w = this.weather;
    if (!this.tamper(skb, from) || random.fraction() < w.loss) {
      freeSkb(skb);
      return;
    }
    if (random.fraction() < w.duplicate) this.#deliverLater(cloneSkb(skb), from);
    if (random.fraction() < w.corrupt) {
      const at = skb.th + random.below(skb.tail - skb.th);
      skb.buf[at] = (skb.buf[at] as number) ^ (1 << random.below(8));
    }
    this.#deliverLater(skb, from);
  }

  #deliverLater(skb: SkBuff, from: Host): void {
    skb.ipSummed = CHECKSUM_NONE; // every check is looked at
    const random = this.sim.random('weather');
    const w = this.weather;
    const extra = random.fraction() < w.reorder ? random.below(w.reorderBy) : 0;
    this.sim.schedule(w.delay + extra, this, from === this.a ? 1 : 0, skb);
  }

  onEvent(toB: number, arg: unknown): void {
    const skb = arg as SkBuff;
    skb.nh = skb.data;
    skb.pull(HEADER);
    const { tcp, loopback } = (toB === 1 ? this.b : this.a).netns;
    skb.dev = loopback;
    tcp.receiveFrom(tcp.inet('inet'), skb);
  }
}

class LinkInet implements TcpInet {
  readonly family = 'inet';
  readonly headerLength = HEADER;
  readonly any: InetAddr = IPV4_ANY;
  readonly #link: Link;
  readonly #host: Host;

  constructor(link: Link, host: Host) {
    this.#link = link;
    this.#host = host;
  }

  route(flow: Flow): void {
    const known = [this.#link.a.addr, this.#link.b.addr] as InetAddr[];
    if (!known.includes(flow.daddr)) throw new KernelError('ENETUNREACH');
    if (flow.saddr === IPV4_ANY) flow.saddr = this.#host.addr;
  }

  checkConnect(): void {}

  gso(): boolean {
    return false;
  }

  mtu(): number {
    return this.#link.mtu;
  }

  echoOptions(): boolean {
    return true;
  }

  optionsLength(): number {
    return 0;
  }

  xmit(skb: SkBuff, flow: Flow): boolean {
    const at = skb.push(HEADER);
    put32(skb.buf, at + SADDR, flow.saddr as number);
    put32(skb.buf, at + DADDR, flow.daddr as number);
    this.#link.send(skb, this.#host);
    return true;
  }

  replyTos(): number {
    return 0;
  }

  isLocal(addr: InetAddr): boolean {
    return addr === this.#host.addr;
  }

  same(a: InetAddr, b: InetAddr): boolean {
    return a === b;
  }

  fold(addr: InetAddr): number {
    return addr as number;
  }

  pseudoSum(saddr: InetAddr, daddr: InetAddr, len: number): number {
    return pseudoSum4(saddr as Ipv4Addr, daddr as Ipv4Addr, TCP, len);
  }

  saddrOf(skb: SkBuff): InetAddr {
    return this.foldSaddr(skb) as Ipv4Addr;
  }

  daddrOf(skb: SkBuff): InetAddr {
    return this.foldDaddr(skb) as Ipv4Addr;
  }

  foldSaddr(skb: SkBuff): number {
    return get32(skb.buf, skb.nh + SADDR);
  }

  foldDaddr(skb: SkBuff): number {
    return get32(skb.buf, skb.nh + DADDR);
  }

  matches(flow: Flow, skb: SkBuff): boolean {
    return flow.daddr === this.foldSaddr(skb) && flow.saddr === this.foldDaddr(skb);
  }

  pseudoSumOf(skb: SkBuff, len: number): number {
    return this.pseudoSum(this.saddrOf(skb), this.daddrOf(skb), len);
  }

  unicast(skb: SkBuff): boolean {
    return this.foldDaddr(skb) === this.#host.addr;
  }
}
