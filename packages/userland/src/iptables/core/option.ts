import type { MacAddr } from '@labwire/core/addr';
import type { Family, InetAddr } from '@labwire/devices/rtnetlink';

/** How an option's argument is read. libxtables, `enum xt_option_type` (XTTYPE_*). */
export type OptionType =
  | 'none'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'uint8rc'
  | 'uint16rc'
  | 'uint32rc'
  | 'uint64rc'
  | 'double'
  | 'string'
  | 'tosmask'
  | 'markmask'
  | 'sysloglevel'
  | 'host'
  | 'hostmask'
  | 'protocol'
  | 'port'
  | 'portrc'
  | 'plen'
  | 'plenmask'
  | 'ethermac';

/** One option of an extension. libxtables, `struct xt_option_entry`. */
export interface OptionEntry {
  readonly name: string;
  readonly type: OptionType;
  /** How many words the argument is; default 1. They reach the extension with a blank between. */
  readonly words?: number;
  /** What is said if they are not there. */
  readonly wordsText?: string;
  /** XTOPT_MAND: the extension is of no use without it. */
  readonly mandatory?: boolean;
  /** XTOPT_INVERT: `!` may stand before it. */
  readonly invert?: boolean;
  /** XTOPT_MULTI: it may be given more than once. */
  readonly multi?: boolean;
  readonly min?: number;
  readonly max?: number;
  /** Options that it excludes. */
  readonly excl?: readonly string[];
  /** Options that must be given too. */
  readonly also?: readonly string[];
  /** Another name of the option that this one names; that one's entry counts. */
  readonly sameAs?: string;
  /** Another option after which this one counts as given again. */
  readonly sharesOnce?: string;
  /** What is said if it is given again, where that is not what all extensions say. */
  readonly onceText?: string;
}

/** What an argument was read as; which field is set follows from the option's type. */
export interface OptionValue {
  /** The argument as it was typed; '' for an option without one. */
  readonly text: string;
  /** A number: uint8 to uint32, double, port, protocol, sysloglevel, plen. */
  readonly num: number;
  /** One or two numbers: uint8rc to uint32rc, portrc. */
  readonly range: readonly number[];
  /** One number of uint64, one or two of uint64rc. */
  readonly big: readonly bigint[];
  /** host, hostmask */
  readonly addr: InetAddr | undefined;
  /** hostmask, plenmask */
  readonly mask: InetAddr | undefined;
  /** markmask, tosmask: value in `num` and this. */
  readonly numMask: number;
  readonly mac: MacAddr | undefined;
}

/** One use of an option. `struct xt_option_call` */
export interface OptionCall {
  readonly entry: OptionEntry;
  /** The option's name; its first one if it has several. */
  readonly name: string;
  readonly value: OptionValue;
  /** `!` stood before it. */
  readonly invert: boolean;
  /** Names of this extension's options seen so far, this one not included. */
  readonly seen: ReadonlySet<string>;
  readonly rule: RuleContext;
}

/** What an extension may ask of the rule that it is in, and of the machine. */
export interface RuleContext {
  readonly family: Family;
  /** `-p`; undefined if it was not given (so far). */
  readonly proto: { readonly number: number; readonly invert: boolean } | undefined;
  readonly table: string;
  /** The port of a service name; undefined if it is unknown. */
  servicePort(name: string, proto?: string): number | undefined;
  /** The name of a port; undefined if it has none. */
  serviceName(port: number, proto: string): string | undefined;
  protocolNumber(name: string): number | undefined;
  /** The name of a protocol; `lookUp`: also in /etc/protocols, else only those that iptables knows. */
  protocolName(proto: number, lookUp: boolean): string | undefined;
  userId(name: string): number | undefined;
  groupId(name: string): number | undefined;
  userName(uid: number): string | undefined;
  groupName(gid: number): string | undefined;
  /** Names and numbers from a file of lines like `0 default`; undefined if it cannot be read. */
  idMap(path: string): ReadonlyMap<string, number> | undefined;
  /** Whether ipset has a set of this name. */
  hasSet(name: string): boolean;
  /** Prints a warning; the command goes on. */
  warn(text: string): void;
}
