import type { Ipv4Addr } from '@labwire/core/addr';
import { Tracepoint } from '@labwire/core/sim';
import { cloneSkb, type SkBuff } from '@labwire/core/skb';
import type { NetDevice } from '@labwire/devices/link';
import type { Figure } from './figure.ts';
import { type Case, interleave } from './measure.ts';
import { type Node, Tree } from './tree.ts';

const IN_FLIGHT = 256;
/** Nanos in which all packets in flight arrive; 10 µs are too few. */
const SETTLE = 1_000_000;
const PORT = 9;
export const PAYLOAD = new Uint8Array(64);

/** Numbers from 0 up to `n`, the same ones each time. */
function random(n: number): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 0x1_0000_0000) * n);
  };
}

/** Random traffic between the leaves of a tree: frames that are sent past the sockets and end in the leaves' holes. */
export class Traffic implements Case {
  readonly name: string;
  readonly ops: number;
  readonly #tree: Tree;
  readonly #sent: { readonly dev: NetDevice; readonly skb: SkBuff; readonly to: number }[];

  /** @param links that the packets of a run go over, at least */
  constructor(tree: Tree, links: number) {
    this.name = `${tree.nodes.length} routers`;
    this.#tree = tree;
    const leaves = tree.leaves();
    const frames = leaves.map((leaf) => this.#frame(leaf, tree.nodes[0] as Node));
    const pick = random(leaves.length);
    this.#sent = [];
    let ops = 0;
    while (ops < links) {
      const [from, to] = [pick(), pick()];
      if (from === to) continue;
      const leaf = leaves[to] as Node;
      ops += tree.distance(leaves[from] as Node, leaf);
      this.#sent.push({
        ...(frames[from] as { dev: NetDevice; skb: SkBuff }),
        to: leaf.prefix + 2,
      });
    }
    this.ops = ops;
    this.#meetAll(leaves);
    this.#check();
  }

  run(): void {
    const { sim } = this.#tree.lab;
    let waiting = 0;
    for (const { dev, skb, to } of this.#sent) {
      const copy = cloneSkb(skb);
      aim(copy, to);
      dev.xmit(copy);
      if (++waiting % IN_FLIGHT === 0) sim.runEvents(sim.now + SETTLE);
    }
    sim.runEvents(sim.now + SETTLE);
  }

  /** Each leaf hears from the root, so that all neighbours on the way down are known. */
  #meetAll(leaves: readonly Node[]): void {
    const socket = (this.#tree.nodes[0] as Node).netns.udp.open('inet');
    for (const { prefix } of leaves) {
      socket.send(PAYLOAD, { addr: (prefix + 2) as Ipv4Addr, port: PORT });
      this.#settle();
    }
    socket.close();
  }

  #settle(): void {
    const { sim } = this.#tree.lab;
    sim.runEvents(sim.now + 1_000_000);
  }

  /** What a leaf sends to the root. */
  #frame({ netns, up }: Node, root: Node): { dev: NetDevice; skb: SkBuff } {
    const dev = netns.devices.byIndex(up) as NetDevice;
    const taken: SkBuff[] = [];
    const tap = new Tracepoint<[skb: SkBuff, dev: NetDevice]>();
    const socket = netns.udp.open('inet');
    const to = { addr: (root.prefix + 2) as Ipv4Addr, port: PORT };
    socket.send(PAYLOAD, to);
    this.#settle();
    tap.listen((skb) => taken.push(cloneSkb(skb)));
    dev.tap = tap;
    socket.send(PAYLOAD, to);
    this.#settle();
    dev.tap = null;
    socket.close();
    return { dev, skb: taken[0] as SkBuff };
  }

  #received(): number {
    const devices = this.#tree.nodes.flatMap(({ netns }) => netns.devices.list());
    return devices.reduce((sum, dev) => sum + dev.stats.rxPackets, 0);
  }

  /** All packets arrive; neighbours that confirm each other come on top. */
  #check(): void {
    const before = this.#received();
    this.run();
    const links = this.#received() - before;
    if (links < this.ops || links > 1.01 * this.ops)
      throw new Error(`${this.name}: ${links} of ${this.ops} links taken`);
  }
}

/** Sends a datagram elsewhere, its header's checksum with it. */
function aim({ buf, data }: SkBuff, to: number): void {
  const at = data + 14;
  for (let i = 0; i < 4; i++) buf[at + 16 + i] = to >>> (24 - 8 * i);
  buf[at + 10] = buf[at + 11] = 0;
  let sum = 0;
  for (let i = 0; i < 20; i += 2)
    sum += ((buf[at + i] as number) << 8) | (buf[at + i + 1] as number);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = ~((sum & 0xffff) + (sum >> 16));
  buf[at + 10] = sum >> 8;
  buf[at + 11] = sum;
}

/** Most that a hop in the large tree may cost, in hops of the small one. */
const SCALE = 1.6;
/** Links that the packets of a run go over. */
export const LINKS = 100_000;

/** P24: forwarding in a large tree beside a small one. */
export async function measureScale(): Promise<Figure[]> {
  const [small, large] = await interleave([17, 4369].map((n) => new Traffic(new Tree(n), LINKS)));
  return [
    {
      id: 'P24',
      what: `random traffic in a tree of 4369 routers, per packet and link`,
      value: large?.cpu,
      unit: 'ns',
      goal: SCALE * (small?.cpu ?? 0),
      against: `${SCALE} of a link in a tree of 17 routers, run beside`,
    },
  ];
}
