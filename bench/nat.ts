import type { Ipv4Addr } from '@labwire/core/addr';
import type { SkBuff } from '@labwire/core/skb';
import { IFF_UP } from '@labwire/devices/link';
import type { XtChain, XtRule } from '@labwire/devices/netfilter';
import type { Netns } from '@labwire/devices/netns';
import { linkAdd, linkSet } from '@labwire/devices/rtnetlink';
import { Bulk } from './bulk.ts';
import { Chain } from './chain.ts';
import type { Figure } from './figure.ts';
import { ip, Lab } from './lab.ts';
import { type Case, interleave } from './measure.ts';

/** CPU ns per packet of Linux 6.18 on the recording machine: bridge, masquerade and bridge. */
const KERNEL_CHAIN = 5875;
/** CPU seconds per GB of its TCP through NAT, segment by segment. */
const KERNEL_TCP = 4.207;
/** First port of the flows, and how many of them differ in their source port alone. */
const FIRST_PORT = 10_000;
const PORTS = 50_000;
/** UDP ports that the far end listens at. */
const SERVICES = 20;

const RULES = [1, 10, 100, 1000, 10_000];
const FLOWS = [1, 100, 10_000, 1_000_000];

/** Appends rules to a chain of the router. */
function append(router: Netns, table: 'nat' | 'filter', chain: string, rules: XtRule[]): void {
  const live = router.netfilter.table('inet', table);
  (live.table.chains.get(chain) as XtChain).rules.push(...rules);
  router.netfilter.changed('inet');
}

const counters = () => ({ packets: 0, bytes: 0 });

/** `-s 172.16.h.l -j DROP`, which the benchmark's packets do not match. */
function notOurs(i: number): XtRule {
  const addr = ip(172, 16, (i >> 8) & 0xff, i & 0xff) as Ipv4Addr;
  return {
    src: { addr, mask: -1 as Ipv4Addr, invert: false },
    matches: [],
    target: { kind: 'verdict', verdict: 'DROP' },
    counters: counters(),
  };
}

function masquerade(router: Netns): void {
  const target = { kind: 'MASQUERADE', random: false, randomFully: false, persistent: false };
  const rule = { matches: [], target, counters: counters() };
  append(router, 'nat', 'POSTROUTING', [rule as XtRule]);
  router.sysctl.write('net/netfilter/nf_conntrack_max', '2000000');
  router.sysctl.write('net/netfilter/nf_conntrack_udp_timeout', '1000000');
}

/** Joins two machines by a bridge that is a machine of its own. @returns the ends */
function throughBridge(lab: Lab, a: Netns, b: Netns, name: string): readonly [number, number] {
  const between = lab.machine();
  const br = linkAdd(between, { kind: 'bridge', name: 'br0' });
  linkSet(between, br, { setFlags: IFF_UP });
  const [left, near] = lab.cable(a, between, `${name}a`);
  const [far, right] = lab.cable(between, b, `${name}b`);
  for (const port of [near, far]) linkSet(between, port, { master: br });
  return [left, right];
}

/** Host, bridge, NAT router, bridge and host. */
export function natChain(rules: number): { chain: Chain; router: Netns } {
  const lab = new Lab();
  const [inner, router, outer] = [lab.machine(), lab.machine(), lab.machine()];
  const [host, lan] = throughBridge(lab, inner, router, 'l');
  const [wan, server] = throughBridge(lab, router, outer, 'w');
  lab.address(inner, host, ip(10, 0, 0, 2), 24);
  lab.address(router, lan, ip(10, 0, 0, 1), 24);
  lab.address(router, wan, ip(10, 255, 0, 2), 16);
  lab.address(outer, server, ip(10, 255, 0, 1), 16);
  lab.route(inner, ip(10, 255, 0, 0), 16, ip(10, 0, 0, 1), host);
  lab.forward(router);
  masquerade(router);
  if (rules > 0)
    append(
      router,
      'filter',
      'FORWARD',
      Array.from({ length: rules }, (_, i) => notOurs(i)),
    );
  for (let port = 10; port < 9 + SERVICES; port++)
    outer.udp.open('inet').bind({ addr: 0 as Ipv4Addr, port });
  return { chain: new Chain(`${rules} rules`, lab, inner, outer), router };
}

/** Makes a copy of a datagram one of `flows`, which follow each other out of order. */
function ofFlow(flows: number): (skb: SkBuff, n: number) => void {
  return ({ buf, data }, n) => {
    const flow = (n * 104_729) % flows;
    const sport = FIRST_PORT + (flow % PORTS);
    const dport = 9 + Math.trunc(flow / PORTS);
    const udp = data + 34;
    buf[udp] = sport >> 8;
    buf[udp + 1] = sport & 0xff;
    buf[udp + 2] = dport >> 8;
    buf[udp + 3] = dport & 0xff;
    buf[udp + 6] = buf[udp + 7] = 0;
  };
}

/** Forwarding alone of datagrams of so many flows. */
class Sweep implements Case {
  readonly name: string;
  readonly ops = 100_000;
  readonly #forward: (packets: number) => void;

  constructor(rules: number, flows: number) {
    const { chain, router } = natChain(rules);
    this.name = `${rules} rules, ${flows} flows`;
    this.#forward = chain.forwarding(ofFlow(flows));
    this.#forward(flows);
    const known = router.conntrack?.table.count ?? 0;
    if (known < flows) throw new Error(`${this.name}: ${known} connections are known`);
  }

  run(): void {
    this.#forward(this.ops);
  }
}

/** P5: the chain with its sockets. */
async function measureChain(): Promise<Figure> {
  const [cost] = await interleave([natChain(0).chain]);
  return {
    id: 'P5',
    what: 'UDP by bridge, masquerading router and bridge, per packet, sockets included',
    value: cost?.cpu,
    unit: 'ns',
    goal: 0.5 * KERNEL_CHAIN,
    against: "0.5 of the kernel's recorded CPU time",
  };
}

/** P6 and both sweeps: what rules and flows add. */
async function measureSweeps(): Promise<Figure[]> {
  const cases = [new Sweep(0, 1), ...RULES.map((n) => new Sweep(n, 1))];
  const [empty, ...ruled] = await interleave(cases);
  const base = empty?.cpu ?? 0;
  const byRules = RULES.map(
    (n, i): Figure => ({
      id: 'P6',
      what: `${n} rules in FORWARD that do not match, added to the ${base.toFixed(0)} ns of none, per packet`,
      value: (ruled[i]?.cpu ?? 0) - base,
      unit: 'ns',
      goal: n === 100 ? 100 : undefined,
      against: 'absolute goal',
    }),
  );
  const byFlows: Figure[] = [];
  for (const flows of FLOWS) {
    const [cost] = await interleave([new Sweep(0, flows)]);
    byFlows.push({
      id: 'P5',
      what: `the same chain without sockets, ${flows} flows by turns, per packet`,
      value: cost?.cpu,
      unit: 'ns',
      goal: 0.5 * KERNEL_CHAIN,
      against: "0.5 of the kernel's recorded CPU time for one flow",
    });
  }
  return [...byRules, ...byFlows];
}

/** P8 and P9: one connection through NAT. A cable with a rate takes frames alone, one without takes super-segments. */
async function measureTcp(): Promise<Figure[]> {
  const whole = new Bulk(200_000_000, { delay: 10_000 }, masquerade);
  const cut = new Bulk(50_000_000, { rate: 10e9, delay: 10_000 }, masquerade);
  const [withGso, perMss] = await interleave([whole, cut], 3);
  return [
    {
      id: 'P8',
      what: 'TCP through NAT with super-segments, CPU time per GB',
      value: withGso?.cpu,
      unit: 's',
      goal: 0.722,
      against: "the kernel's recorded CPU time",
    },
    {
      id: 'P9',
      what: 'TCP through NAT, a frame per MSS, CPU time per GB',
      value: perMss?.cpu,
      unit: 's',
      goal: 0.3 * KERNEL_TCP,
      against: "0.3 of the kernel's recorded CPU time, offloads off",
    },
  ];
}

/** P5, P6, P8 and P9: packets through connection tracking and address translation. */
export async function measureNat(): Promise<Figure[]> {
  return [await measureChain(), ...(await measureSweeps()), ...(await measureTcp())];
}
