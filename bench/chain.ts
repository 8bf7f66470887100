import type { Ipv4Addr } from '@labwire/core/addr';
import { Tracepoint } from '@labwire/core/sim';
import { cloneSkb, type SkBuff } from '@labwire/core/skb';
import { IFF_UP, type NetDevice } from '@labwire/devices/link';
import type { Netns } from '@labwire/devices/netns';
import { linkAdd, linkSet } from '@labwire/devices/rtnetlink';
import type { UdpSocket } from '@labwire/devices/udp';
import type { Figure } from './figure.ts';
import { ip, Lab } from './lab.ts';
import { type Case, interleave } from './measure.ts';

const PORT = 9;
/** Datagrams that are on their way at a time. */
const BURST = 32;
const PAYLOAD = new Uint8Array(64);
const TO = { addr: ip(10, 255, 0, 1) as Ipv4Addr, port: PORT };

/** Two hosts with something between: sends datagrams from one to the other. */
export class Chain implements Case {
  readonly name: string;
  readonly ops = 100_000;
  readonly #lab: Lab;
  readonly #sender: Netns;
  readonly #from: UdpSocket;
  readonly #to: UdpSocket;

  constructor(name: string, lab: Lab, from: Netns, to: Netns) {
    this.name = name;
    this.#lab = lab;
    this.#sender = from;
    this.#from = from.udp.open('inet');
    this.#to = to.udp.open('inet');
    this.#to.bind({ addr: 0 as Ipv4Addr, port: PORT });
    this.#burst(1); // resolves the neighbours
  }

  run(): void {
    for (let sent = 0; sent < this.ops; sent += BURST)
      this.#burst(Math.min(BURST, this.ops - sent));
  }

  /**
   * Sends copies of one frame past the sockets and lets nobody read, so that, once the receiver's buffer is full,
   * nothing happens but forwarding.
   * @param alter changes the `n`th copy of the frame before it goes
   * @returns what does that, for so many packets
   */
  forwarding(alter?: (skb: SkBuff, n: number) => void): (packets?: number) => void {
    const { sim } = this.#lab;
    const dev = this.#sender.devices.list().at(-1) as NetDevice;
    const taken: SkBuff[] = [];
    const tap = new Tracepoint<[skb: SkBuff, dev: NetDevice]>();
    tap.listen((skb) => taken.push(cloneSkb(skb)));
    dev.tap = tap;
    this.#burst(1);
    dev.tap = null;
    const frame = taken[0] as SkBuff;
    let n = 0;
    return (packets = this.ops) => {
      for (let sent = 0; sent < packets; sent += BURST) {
        for (let i = 0; i < BURST; i++) {
          const skb = cloneSkb(frame);
          alter?.(skb, n++);
          dev.xmit(skb);
        }
        sim.runEvents(sim.now + 2_000_000);
      }
    };
  }

  #burst(n: number): void {
    const { sim } = this.#lab;
    for (let i = 0; i < n; i++) this.#from.send(PAYLOAD, TO);
    let got = 0;
    for (const end = sim.now + 10_000_000_000; got < n && sim.now < end; ) {
      sim.runEvents(sim.now + 1_000_000);
      while (this.#to.recv(65_536) !== undefined) got++;
    }
    if (got !== n) throw new Error(`${this.name}: ${n - got} of ${n} datagrams lost`);
  }
}

/** `n` routers in a row: 10.0.i.0/24 between, 10.255.0.1 at the far end. */
export function routers(n: number): Chain {
  const lab = new Lab();
  const nodes = Array.from({ length: n + 2 }, () => lab.machine());
  for (let i = 0; i <= n; i++) {
    const [a, b] = [nodes[i] as Netns, nodes[i + 1] as Netns];
    const [left, right] = lab.cable(a, b, `r${i}`);
    lab.address(a, left, ip(10, 0, i, 1), 24);
    lab.address(b, right, i === n ? TO.addr : ip(10, 0, i, 2), i === n ? 16 : 24);
    if (i === n) lab.address(a, left, ip(10, 255, 0, 2), 16);
    else lab.route(a, ip(10, 255, 0, 0), 16, ip(10, 0, i, 2), left);
    if (i > 0) {
      lab.route(b, ip(10, 0, 0, 0), 24, i === n ? ip(10, 255, 0, 2) : ip(10, 0, i, 1), right);
    }
  }
  for (const router of nodes.slice(1, -1)) lab.forward(router);
  return new Chain(`${n} routers`, lab, nodes[0] as Netns, nodes[n + 1] as Netns);
}

/** `n` bridges in a row, hosts in 10.255.0.0/16 at the ends. */
export function bridges(n: number): Chain {
  const lab = new Lab();
  const nodes = Array.from({ length: n + 2 }, () => lab.machine());
  const masters = nodes.map((netns, i) => {
    if (i === 0 || i > n) return 0;
    const br = linkAdd(netns, { kind: 'bridge', name: 'br0' });
    linkSet(netns, br, { setFlags: IFF_UP });
    return br;
  });
  for (let i = 0; i <= n; i++) {
    const [a, b] = [nodes[i] as Netns, nodes[i + 1] as Netns];
    const [left, right] = lab.cable(a, b, `c${i}`);
    if (i === 0) lab.address(a, left, ip(10, 255, 0, 2), 16);
    else linkSet(a, left, { master: masters[i] as number });
    if (i === n) lab.address(b, right, TO.addr, 16);
    else linkSet(b, right, { master: masters[i + 1] as number });
  }
  return new Chain(`${n} bridges`, lab, nodes[0] as Netns, nodes[n + 1] as Netns);
}

/** What ns-3 3.37, built optimised, took on the recording machine: CPU ns per packet and link. */
const NS3_ROUTERS_8 = 2464;
const NS3_BRIDGES_8 = 1140;

/** P3 and P4: datagrams through 8 routers or bridges, per packet and link. */
export async function measureChains(): Promise<Figure[]> {
  const links = 9;
  const [routed, bridged] = await interleave([routers(8), bridges(8)]);
  const against = 'ns-3 skipped: not installed; its recorded CPU time';
  return [
    {
      id: 'P3',
      what: 'UDP through 8 routers, per packet and link, sockets included',
      value: (routed?.cpu ?? 0) / links,
      unit: 'ns',
      goal: 0.2 * NS3_ROUTERS_8,
      against,
    },
    {
      id: 'P4',
      what: 'UDP through 8 bridges, per packet and link, sockets included',
      value: (bridged?.cpu ?? 0) / links,
      unit: 'ns',
      goal: 0.3 * NS3_BRIDGES_8,
      against,
    },
  ];
}
