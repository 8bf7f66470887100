/** The program `xtables-monitor`. iptables/xtables-monitor.c */
import { POLLIN, type RandomStream } from '@labwire/core/sim';
import type { SkBuff } from '@labwire/core/skb';
import type { XtChain, XtPacket, XtRule, XtTable } from '@labwire/devices/netfilter';
import { SignalFlag } from '../../libc-net/index.ts';
import type { Process, Program } from '../../machine/index.ts';
import type { PrintContext } from '../core/extension.ts';
import { nameContext } from '../core/names.ts';
import { saveRule } from '../core/save-rule.ts';
import { notPermitted } from '../session.ts';
import { type MonitorOptions, readMonitorOptions } from './options.ts';
import { packetLine, traceHead, verdictText } from './trace-text.ts';

const NAME = 'xtables-monitor';
const VERSION = '1.8.9';
const USAGE = `${NAME} ${VERSION} (nf_tables)
Usage: ${NAME} [ -t | -e ]
        --trace    -t    trace ruleset traversal of packets tagged via -j TRACE rule
        --event    -e    show events that modify the ruleset
Optional arguments:
        --ipv4     -4    only monitor IPv4
        --ipv6     -6    only monitor IPv6
	--counters -c    show counters in rules
`;

/** Tables in the order in which a hook goes through them. */
const TABLE_ORDER = ['raw', 'mangle', 'nat', 'filter', 'security'];
const PRE_ROUTING = 0;
const LOCAL_OUT = 3;

/** Where a packet was last seen. */
interface Seen {
  readonly id: number;
  readonly hook: number;
  readonly order: number;
}

/** One step of a packet, kept until it is printed. */
interface Step {
  readonly packet: string;
  readonly head: string;
  readonly verdict: string;
  readonly table: XtTable;
  readonly chain: XtChain;
  readonly rule: XtRule | null;
}

/** Turns what traced packets meet into lines. */
class Tracer {
  readonly #proc: Process;
  readonly #options: MonitorOptions;
  readonly #random: RandomStream;
  readonly #seen = new WeakMap<SkBuff, Seen>();
  #current: SkBuff | null = null;

  constructor(proc: Process, options: MonitorOptions) {
    this.#proc = proc;
    this.#options = options;
    this.#random = proc.machine.kernel.sim.random(`${NAME} ${proc.machine.name} ${proc.pid}`);
  }

  /** A packet has met a rule, or with null the policy. */
  step(p: XtPacket, table: XtTable, chain: XtChain, rule: XtRule | null, verdict: number): Step {
    const id = this.#idOf(p, table);
    const isFirst = this.#current !== p.skb;
    const says = verdictText(verdict, rule);
    const ends = rule === null || ['ACCEPT', 'DROP', 'STOLEN'].includes(says);
    this.#current = ends ? null : p.skb;
    const packet = isFirst ? packetLine(p, id) : '';
    return { packet, head: traceHead(p, id, table, chain.name), verdict: says, table, chain, rule };
  }

  /** A packet gets a new number where it comes in or is sent. `nf_trace_fill_id()` */
  #idOf({ skb, hook }: XtPacket, table: XtTable): number {
    const order = TABLE_ORDER.indexOf(table.name);
    const seen = this.#seen.get(skb);
    const begins = hook === PRE_ROUTING || hook === LOCAL_OUT;
    const isNew = seen === undefined || (begins && (seen.hook !== hook || order < seen.order));
    const id = isNew ? this.#random.u32() : seen.id;
    this.#seen.set(skb, { id, hook, order });
    return id;
  }

  /** The lines of a step, the rule as it is by now. */
  text({ packet, head, verdict, table, chain, rule }: Step): string {
    if (rule === null) return `${packet}${head}:policy:${verdict} \n`;
    const { family } = table;
    const live = this.#proc.netns.netfilter.tables(family).get(table.name);
    const handle = live?.handleOf(rule) ?? 0;
    const ctx: PrintContext = { family, numeric: true, names: nameContext(this.#proc) };
    const counters = this.#options.counters ? 'front' : 'none';
    const saved = `-${family === 'inet' ? 4 : 6} -t ${table.name} ${saveRule(chain.name, rule, ctx, counters)}`;
    return `${packet}${head}:rule:0x${handle.toString(16)}:${verdict}  ${saved}`;
  }
}

/** Prints until a signal ends it. */
async function monitor(proc: Process, options: MonitorOptions): Promise<void> {
  const tracer = new Tracer(proc, options);
  const news = new SignalFlag();
  const steps: Step[] = [];
  const { trace } = proc.netns.netfilter;
  const silence = trace.listen((p, table, chain, rule, verdict) => {
    if (options.family !== undefined && options.family !== table.family) return;
    steps.push(tracer.step(p, table, chain, rule, verdict));
    news.raise();
  });
  try {
    for (;;) {
      await proc.poll([{ on: news, events: POLLIN }], undefined, 'traced packets');
      news.raised = false;
      await proc.out(
        steps
          .splice(0)
          .map((s) => tracer.text(s))
          .join(''),
      );
    }
  } finally {
    silence();
  }
}

/** xtables-monitor(8) */
export const xtablesMonitor: Program = async (proc) => {
  const options = readMonitorOptions(proc.argv.slice(1));
  if (options === undefined) {
    await proc.err(`${NAME} ${VERSION}: Bad argument.\nTry \`${NAME} -h' for more information.\n`);
    return 2;
  }
  if (options.info === 'version') {
    await proc.out(`${NAME} ${VERSION}\n`);
    return 0;
  }
  if (options.info === 'help' || (!options.trace && !options.events)) {
    await proc.out(USAGE);
    return 1;
  }
  if (options.events) {
    await proc.err(`${NAME}: Labwire does not tell of changed rules (-e); it has --trace\n`);
    return 2;
  }
  if (proc.uid !== 0) {
    await proc.err(notPermitted(NAME));
    return 4;
  }
  await monitor(proc, options);
  return 0;
};
