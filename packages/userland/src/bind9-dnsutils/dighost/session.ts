import type { DnsMessage } from '@labwire/devices/dns';
import type { Family } from '@labwire/devices/rtnetlink';
import type { SockAddr } from '@labwire/devices/sock';
import { formatInet } from '../../libc-net/index.ts';
import type { Process } from '../../machine/index.ts';
import type { Lookup, LookupServer } from './lookup.ts';

/** An answer, and what it answers. */
export interface Answered {
  readonly lookup: Lookup;
  /** The name that was asked for. */
  readonly name: string;
  readonly server: LookupServer;
  readonly message: DnsMessage;
  readonly bytes: Uint8Array;
  /** Microseconds from question to answer. */
  readonly micros: number;
}

/** How a program shows what happens. Each gives the text to print. */
export interface LookupDisplay {
  /** Before a name is asked for. */
  trying?(name: string): string;
  /** The question that goes out: +qr. */
  sending?(lookup: Lookup, message: DnsMessage, length: number): string;
  answer(answered: Answered): string;
  /** After an answer: how long it took. */
  received?(answered: Answered): string;
}

/** What lookups of one run have in common. BIND bin/dig/dighost.c */
export class Session {
  readonly proc: Process;
  readonly display: LookupDisplay;
  /** Lookups that are still to do. */
  queue: Lookup[] = [];
  servers: LookupServer[] = [];
  search: string[] = [];
  useSearch = false;
  showSearch = false;
  ndots = 1;
  /** Seconds; 0 for the default of the transport. */
  timeout = 0;
  tries = 3;
  port = 53;
  /** The only family that is used; undefined: both. */
  family: Family | undefined;
  source: SockAddr | undefined;
  /** An answer without recursion is none. */
  checkRecursion = false;
  exitCode = 0;

  constructor(proc: Process, display: LookupDisplay) {
    this.proc = proc;
    this.display = display;
  }

  out(text: string): Promise<void> {
    return text === '' ? Promise.resolve() : this.proc.out(text);
  }

  /** What is wrong, on a line of its own. */
  warn(text: string): Promise<void> {
    return this.proc.out(`;; ${text}\n`);
  }

  /** The address of a server with its port: `10.0.0.1#53`. */
  address({ addr }: LookupServer): string {
    return `${hostText(this.proc, addr)}#${this.port}`;
  }

  /** The address of a server alone. */
  host({ addr }: LookupServer): string {
    return hostText(this.proc, addr);
  }

  /** Notes that no server could be reached. */
  failed(): void {
    this.exitCode = Math.max(this.exitCode, 9);
  }
}

function hostText({ netns }: Process, { addr, scopeId = 0 }: SockAddr): string {
  const device = netns.devices.list().find((d) => d.ifindex === scopeId)?.name;
  return device === undefined ? formatInet(addr) : `${formatInet(addr)}%${device}`;
}
