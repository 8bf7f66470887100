import type { Ipv4Addr, Ipv6Addr, MacAddr } from '@labwire/core/addr';
import type { Nanos } from '@labwire/core/sim';
import type { KernelProfile } from '@labwire/devices/netns';
import type { NatKind } from '../../nat-presets/index.ts';
import type { InterfaceAddress } from './values.ts';

/** A NIC as the front matter gives it. */
export interface RawInterface {
  readonly link: string;
  readonly mac?: MacAddr;
  readonly mtu?: number;
  readonly addresses?: readonly InterfaceAddress[];
  readonly gateway?: Ipv4Addr | Ipv6Addr;
  readonly up?: boolean;
  /** A DHCP client gets its address. */
  readonly dhcp?: boolean;
  readonly qdisc?: 'noqueue' | 'fq_codel' | 'pfifo_fast';
}

/** What a machine's `nat` says. */
export interface RawNat {
  readonly kind: NatKind;
  readonly inside?: string;
  readonly outside?: string;
  readonly hosts?: readonly Ipv4Addr[];
  readonly hairpin?: boolean;
}

/** A machine as the front matter gives it. */
export interface RawMachine {
  readonly hostname?: string;
  readonly kernel?: KernelProfile;
  readonly interfaces?: Readonly<Record<string, RawInterface>>;
  /** It translates addresses between two of them. */
  readonly nat?: RawNat;
  readonly sysctl?: Readonly<Record<string, string | number | boolean>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly run?: readonly string[];
}

/** A guest's disk as the front matter gives it. */
export interface RawImage {
  readonly kind?: 'linux' | 'web' | 'db';
  readonly hostname?: string;
  readonly nic?: string;
  readonly dhcp?: boolean;
  readonly sysctl?: Readonly<Record<string, string | number | boolean>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly run?: readonly string[];
}

/** A link as the front matter gives it. */
export interface RawLink {
  readonly delay?: Nanos;
  /** Bits per second. */
  readonly rate?: number;
  /** A fraction from 0 to 1. */
  readonly loss?: number;
}

/** The front matter's keys, checked one by one. */
export interface RawConfig {
  readonly title?: string;
  readonly seed?: number;
  readonly world?: 'none' | 'home';
  readonly machines?: Readonly<Record<string, RawMachine | null>>;
  readonly links?: Readonly<Record<string, RawLink | null>>;
  /** By the file name of a guest's disk. */
  readonly images?: Readonly<Record<string, RawImage | null>>;
  /** Seconds that a command may run before the next one is typed. */
  readonly linger?: number;
  /** Seconds from the machines' start to the first command. */
  readonly settle?: number;
}

/** An overlay's word about one block. */
export interface BlockEntry {
  readonly contains?: string;
  readonly line?: number;
  readonly after?: string;
  /** Machines by the text of the comment line from which on to type there. */
  readonly switch?: Readonly<Record<string, string>>;
  /** What to type for each line, which goes in place of `{}`. */
  readonly command?: string;
  readonly skip?: boolean;
  readonly on?: string;
  readonly terminal?: string;
  readonly 'may-fail'?: boolean;
  /** Remarks of the author in the output that the block shows. */
  readonly notes?: readonly string[];
  /** What the output shows and another run need not. */
  readonly any?: readonly string[];
  /** The output shown is a part of what is printed. */
  readonly part?: boolean;
  /** Commands are interrupted once they have printed what is shown. */
  readonly interrupt?: boolean;
  readonly run?: readonly string[];
}

/** An overlay, checked. */
export interface RawOverlay extends RawConfig {
  readonly blocks?: readonly BlockEntry[];
}
