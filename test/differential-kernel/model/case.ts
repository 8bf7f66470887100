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
