import type { Ipv4Addr } from '@labwire/core/addr';
import type { Netns } from '@labwire/devices/netns';
import { routeAdd } from '@labwire/devices/rtnetlink';
import type { Figure } from './figure.ts';
import { ip, Lab } from './lab.ts';
import { interleave } from './measure.ts';

const FAN_OUT = 16;
/** Bits of an address that tell a node's children apart: 0 is the node itself, its children are 1 to 16. */
const BITS = 5;

/** A router of a tree: its addresses are all those that begin with its prefix. */
export interface Node {
  readonly netns: Netns;
  readonly parent: number;
  readonly depth: number;
  readonly prefix: number;
  readonly prefixLen: number;
  /** Index of the device towards the parent. */
  readonly up: number;
}

/**
 * A tree of `n` routers, filled level by level, each with a route to every child's subtree and a default route to its
 * parent, so that each reaches all. Cables have networks of their own from 11.0.0.0 on; nodes' addresses are of 10.0.0.0/8.
 */
export class Tree {
  readonly lab: Lab = new Lab();
  readonly nodes: Node[] = [];

  constructor(n: number) {
    const root = this.lab.machine();
    this.nodes.push({
      netns: root,
      parent: -1,
      depth: 0,
      prefix: ip(10, 0, 0, 0),
      prefixLen: 8,
      up: 0,
    });
    this.#own(this.nodes[0] as Node);
    for (let i = 1; i < n; i++) this.#grow(i);
  }

  /** Nodes without children. */
  leaves(): readonly Node[] {
    return this.nodes.slice(Math.floor((this.nodes.length - 2) / FAN_OUT) + 1);
  }

  /** Links between two nodes. */
  distance(a: Node, b: Node): number {
    let links = 0;
    for (let [x, y] = [a, b]; x !== y; links++) {
      if (x.depth >= y.depth) x = this.nodes[x.parent] as Node;
      else y = this.nodes[y.parent] as Node;
    }
    return links;
  }

  #grow(i: number): void {
    const { lab } = this;
    const at = Math.floor((i - 1) / FAN_OUT);
    const parent = this.nodes[at] as Node;
    const netns = lab.machine();
    const [down, up] = lab.cable(parent.netns, netns, `c${i}`);
    const net = ip(11, 0, 0, 0) + 4 * i;
    lab.address(parent.netns, down, net + 1, 30);
    lab.address(netns, up, net + 2, 30);
    const prefixLen = parent.prefixLen + BITS;
    const prefix = parent.prefix | ((((i - 1) % FAN_OUT) + 1) << (32 - prefixLen));
    lab.route(parent.netns, prefix, prefixLen, net + 2, down);
    lab.route(netns, 0, 0, net + 1, up);
    const node = { netns, parent: at, depth: parent.depth + 1, prefix, prefixLen, up };
    this.nodes.push(node);
    this.#own(node);
  }

  /** A node's first address is its own; the second is a hole, where packets end without a socket. */
  #own({ netns, prefix }: Node): void {
    this.lab.up(netns, 1);
    this.lab.address(netns, 1, prefix + 1, 32);
    this.lab.forward(netns);
    routeAdd(
      netns,
      {
        family: 'inet',
        type: 'blackhole',
        dst: (prefix + 2) as Ipv4Addr,
        dstLen: 32,
        nexthops: [],
      },
      { create: true, excl: true },
    );
  }
}

/** What ns-3 3.37 needed for 10,000 nodes with Nix-vector routing on the recording machine, in seconds. */
const NS3_SECONDS = 2.6;
const NODES = 10_000;

/** P17: a tree of 10,000 nodes with all routes. */
export async function measureRoutes(): Promise<Figure[]> {
  const run = () => void new Tree(NODES);
  const [cost] = await interleave([{ name: 'tree', ops: 1e9, run }], 3);
  return [
    {
      id: 'P17',
      what: `tree of ${NODES} routers with addresses and all routes`,
      value: cost?.cpu,
      unit: 's',
      goal: 0.5 * NS3_SECONDS,
      against: 'ns-3 skipped: not installed; 0.5 of its recorded time',
    },
  ];
}
