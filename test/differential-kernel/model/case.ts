/** A table as iptables-restore takes it. */
export interface RuleTable {
  /** Policies by built-in chain; user chains have `-`. */
  readonly chains: Readonly<Record<string, string>>;
  /** `-A …` lines. */
  readonly rules: readonly string[];
}

/** A socket of the router that listens. */
export interface ListenSpec {
  readonly family: Family;
  readonly protocol: 'udp' | 'tcp';
  readonly port: number;
}

export type Family = 'inet' | 'inet6';

/** A frame from outside. */
export interface FrameStep {
  readonly kind: 'frame';
  readonly id: number;
  /** Index of the router's device at which it arrives. */
  readonly dev: number;
  /** Hexadecimal, from the Ethernet header on. */
  readonly frame: string;
  /** What it is, for people. */
  readonly note: string;
}

/** What a host answers to a frame that the router sent it. */
export interface AnswerStep {
  readonly kind: 'answer';
  readonly id: number;
  /** The step that the router's frame followed. */
  readonly to: number;
  readonly how: Answer;
  readonly note: string;
}

/** How a frame is answered; bytes of the answer depend on what was delivered. */
export type Answer =
  | {
      readonly type: 'reply';
      /** TCP flags in place of those that follow from the segment. */
      readonly flags?: number;
      readonly payload: number;
      /** What is added to the sequence number and to the acknowledged one. */
      readonly seqOff: number;
      readonly ackOff: number;
      readonly ttl: number;
    }
  | {
      readonly type: 'error';
      readonly icmpType: number;
      readonly code: number;
      /** The second word: MTU, gateway, pointer. */
      readonly info: number;
      /** Bytes of the packet that are quoted at most. */
      readonly quote: number;
    }
  /** The same frame comes back in, as from a host that forwards it. */
  | { readonly type: 'bounce'; readonly ttl: number };

export type Step = FrameStep | AnswerStep;

/** One router between hosts that the fuzzer plays, and what happens to it: JSON, whole. */
export interface Case {
  readonly seed: number;
  readonly family: Family;
  readonly devices: number;
  /** Lines of `ip -batch`. */
  readonly ip: readonly string[];
  /** Names as under /proc/sys, and values. */
  readonly sysctls: readonly (readonly [name: string, value: string])[];
  readonly tables: Readonly<Record<string, RuleTable>>;
  readonly sockets: readonly ListenSpec[];
  readonly steps: readonly Step[];
}

/** The text for iptables-restore. */
export function rulesText(tables: Case['tables']): string {
  return Object.entries(tables)
    .map(([name, { chains, rules }]) => {
      const heads = Object.entries(chains).map(([chain, policy]) => `:${chain} ${policy}`);
      return [`*${name}`, ...heads, ...rules, 'COMMIT', ''].join('\n');
    })
    .join('');
}

/**
 * What is dropped on either side before it is counted: reports of multicast listeners follow every new address, and time
 * decides when they are sent.
 */
export const UNCOUNTED_RULE =
  '-A OUTPUT -d ff02::16/128 -p ipv6-icmp -m icmp6 --icmpv6-type 143 -j DROP';

const RAW: RuleTable = {
  chains: { PREROUTING: 'ACCEPT [0:0]', OUTPUT: 'ACCEPT [0:0]' },
  rules: [],
};

/** What iptables-restore or ip6tables-restore gets, that rule in front; of IPv6 that rule alone goes before: a case's may be refused. */
export function rulesOf({ family, tables }: Case): readonly string[] {
  if (family === 'inet') return [rulesText(tables)];
  const withRule = ({ chains, rules }: RuleTable): RuleTable => ({
    chains,
    rules: [UNCOUNTED_RULE, ...rules],
  });
  const all = { ...tables, raw: withRule(tables.raw ?? RAW) };
  return [rulesText({ raw: withRule(RAW) }), rulesText(all)];
}

/** What is set before there are devices: names as under /proc/sys, and values. */
export function earlySettings({ family }: Case): readonly (readonly [string, string])[] {
  const conf = 'net/ipv6/conf';
  if (family === 'inet') return ['all', 'default'].map((d) => [`${conf}/${d}/disable_ipv6`, '1']);
  // nothing is asked, and no answer waited for, when addresses come; no error is held back, no label drawn
  return [
    [`${conf}/default/accept_dad`, '0'],
    [`${conf}/default/router_solicitations`, '0'],
    [`${conf}/default/accept_ra`, '0'],
    [`${conf}/default/accept_redirects`, '0'],
    ['net/ipv6/icmp/ratemask', '255'],
    ['net/ipv6/auto_flowlabels', '0'],
  ];
}

/** Whether a case asks how much time passes between its packets: connlimit looks once in a tick of the kernel's clock. */
export function asksTicks({ tables }: Case): boolean {
  return Object.values(tables).some((t) => t.rules.some((r) => r.includes('-m connlimit')));
}

/** Milliseconds between two packets of such a case: three ticks of the slowest usual clock but one. */
export const TICKS_PAUSE_MS = 12;

/** Frames that the router sent, each with its device. */
export type Frames = readonly (readonly [dev: number, hex: string])[];

/** All that one side showed of a case. */
export interface Observed {
  /** Commands and settings that were refused: name, code, message. */
  readonly failed: readonly (readonly [name: string, code: number, text: string])[];
  /** What followed each step; undefined for an answer to a frame that never came. */
  readonly frames: ReadonlyMap<number, Frames>;
  /** The frame that each answer step sent. */
  readonly save: string;
  readonly conntrack: string;
  readonly snmp: string;
  readonly netstat: string;
  /** Packets go round without end: what is said of it. */
  readonly storm?: string;
  /** What each socket got: address, port, bytes. */
  readonly received: readonly (readonly (readonly [string, number, string])[])[];
}
