/** Sets as data. Linux include/linux/netfilter/ipset/ip_set.h, `struct ip_set` */
import type { IpSetType } from './types.ts';

/** A part of an element: an address and prefix, a port of a protocol, a device, a MAC or a set. */
export interface IpSetPart {
  /** Address, port, MAC as a number; 0 for names. */
  readonly value: bigint;
  /** Prefix of a network; protocol of a port. */
  readonly extra: number;
  /** Device or set. */
  readonly name: string;
}

/** An element. */
export interface IpSetEntry {
  readonly parts: readonly IpSetPart[];
  /** What it holds is not in the set. */
  nomatch: boolean;
  /** Simulated time in Nanos at which it goes; undefined: never. */
  expires: number | undefined;
  packets: number;
  bytes: number;
  comment: string | undefined;
}

/** What a set was made with. */
export interface IpSetOptions {
  readonly family: 'inet' | 'inet6';
  readonly hashsize: number;
  readonly maxelem: number;
  readonly netmask?: number;
  /** Seconds; undefined: its elements do not time out. */
  readonly timeout?: number;
  readonly counters: boolean;
  readonly comment: boolean;
  readonly forceadd: boolean;
  /** Of a bitmap: its first and last address or port. */
  readonly range?: readonly [bigint, bigint];
  /** Of a list. */
  readonly size?: number;
}

/** A set. */
export interface IpSet {
  name: string;
  readonly type: IpSetType;
  readonly options: IpSetOptions;
  readonly initval: number;
  /** In the order of their coming; of a bitmap, by value. */
  readonly entries: Map<string, IpSetEntry>;
  /** Counts the changes of `entries`. */
  version: number;
}

/** The name of an element within its set. */
export function entryName(parts: readonly IpSetPart[]): string {
  return parts.map((p) => `${p.value.toString(16)}/${p.extra}/${p.name}`).join(',');
}
