import { CLASS_IN } from '@labwire/devices/dns';
import type { SockAddr } from '@labwire/devices/sock';

const TYPE_A = 1;

/** A server to ask. */
export interface LookupServer {
  /** Port 0 until the port is known. */
  readonly addr: SockAddr;
  /** As it was given. */
  readonly userArg: string;
}

/** An EDNS option of a question. */
export interface SentOption {
  readonly code: number;
  readonly data: Uint8Array;
}

/** One name to look up and how. BIND bin/dig/dighost.h, dig_lookup_t */
export class Lookup {
  text = '';
  type: number = TYPE_A;
  typeSet = false;
  class: number = CLASS_IN;
  classSet = false;
  /** Servers of its own; empty: those of the session. */
  servers: LookupServer[] = [];
  /** Tries that are left. */
  retries = 3;
  tcp = false;
  tcpSet = false;
  /** The line that tells what was typed, until it has been printed. */
  commandLine = '';

  recurse = true;
  aa = false;
  ad = false;
  cd = false;
  ra = false;
  tc = false;
  z = false;
  opcode = 0;
  id: number | undefined;
  headerOnly = false;

  /** EDNS version; undefined: no EDNS. */
  edns: number | undefined;
  udpSize: number | undefined;
  ednsFlags = 0;
  dnssec = false;
  /** Undefined: no cookie; empty: a random one. */
  cookie: Uint8Array | undefined;
  nsid = false;
  expire = false;
  keepAlive = false;
  padding = 0;
  subnet: string | undefined;
  options: SentOption[] = [];

  /** Cut answers are not asked for again by TCP. */
  ignore = false;
  bestEffort = true;
  /** SERVFAIL is an answer, too. */
  servfailStops = true;

  comments = true;
  question = true;
  answer = true;
  authority = true;
  additional = true;
  stats = true;
  showQuery = false;
  identify = false;
  multiline = false;
  ttlUnits = false;
  noTtl = false;
  noClass = false;
  unknownFormat = false;
  usec = false;

  /** Where the search list is: not begun, the name as it is, or its index. */
  newSearch = true;
  origin: number | undefined;
  needSearch = false;
  doneAsIs = false;

  clone(): Lookup {
    return Object.assign(new Lookup(), this, {
      servers: [...this.servers],
      options: [...this.options],
    });
  }
}
