import { classNumber, typeNumber } from '@labwire/devices/dns';
import {
  BIND_VERSION,
  Lookup,
  LookupFatal,
  reverseText,
  runLookups,
  Session,
  serversNamed,
  setupFromResolvConf,
} from '../bind9-dnsutils/index.ts';
import { atoi, type GetoptTable, getopt, type OptionFound } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { HostDisplay, type HostSettings } from './display.ts';

const TYPE_PTR = 12;
const TYPE_AXFR = 252;
const TYPE_ANY = 255;
/** Seconds that stand for ever. */
const FOR_EVER = 0x7fff_ffff;

const USAGE = `Usage: host [-aCdilrTvVw] [-c class] [-N ndots] [-t type] [-W time]
            [-R number] [-m flag] [-p port] hostname [server]
       -a is equivalent to -v -t ANY
       -A is like -a but omits RRSIG, NSEC, NSEC3
       -c specifies query class for non-IN data
       -C compares SOA records on authoritative nameservers
       -d is equivalent to -v
       -l lists all hosts in a domain, using AXFR
       -m set memory debugging flag (trace|record|usage)
       -N changes the number of dots allowed before root lookup is done
       -p specifies the port on the server to query
       -r disables recursive processing
       -R specifies number of retries for UDP packets
       -s a SERVFAIL response should stop query
       -t specifies the query type
       -T enables TCP/IP mode
       -U enables UDP mode
       -v enables verbose output
       -V print version number and exit
       -w specifies to wait forever for a reply
       -W specifies how long to wait for a reply
       -4 use IPv4 query transport only
       -6 use IPv6 query transport only
`;

/** What its command line may hold. */
export const HOST_OPTIONS: GetoptTable = {
  letters: '+46aAc:dilnm:p:rst:vVwCDN:R:TUW:',
  usage: USAGE,
  refused: ['C'],
};

interface HostRun {
  readonly session: Session;
  readonly settings: HostSettings;
  readonly lookup: Lookup;
}

/** host(1). BIND bin/dig/host.c */
export async function host(proc: Process): Promise<number> {
  const { options, operands, error } = getopt(proc.argv.slice(1), HOST_OPTIONS.letters);
  if (error !== undefined) {
    await proc.err(
      `host: ${error.replace('invalid option', 'illegal option').replace(/'/g, '')}\n`,
    );
    await proc.err(USAGE);
    return 1;
  }
  const has = (letter: string) => options.some((o) => o.opt === letter);
  if (has('V')) {
    await proc.err(`host ${BIND_VERSION}\n`);
    return 0;
  }
  const settings = { verbose: false, all: true, almostAll: false, listedServer: false };
  const display = new HostDisplay(settings);
  const session = new Session(proc, display);
  display.attach(session);
  session.family = has('4') ? 'inet' : has('6') ? 'inet6' : undefined;
  try {
    if (has('4') && has('6')) throw new LookupFatal('only one of -4 and -6 allowed', 1);
    setupFromResolvConf(session);
    session.tries = 2;
    return await run({ session, settings, lookup: new Lookup() }, display, options, operands);
  } catch (e) {
    if (!(e instanceof LookupFatal)) throw e;
    await proc.err(`host: ${e.message}\n`);
    return e.exitCode === 10 ? 1 : e.exitCode;
  }
}

async function run(
  h: HostRun,
  display: HostDisplay,
  options: readonly OptionFound[],
  operands: readonly string[],
): Promise<number> {
  const { session, settings, lookup } = h;
  lookup.servfailStops = false;
  lookup.comments = false;
  for (const { opt, arg = '' } of options) apply(h, opt, arg);
  lookup.retries = session.tries;
  const [name, server] = operands;
  if (name === undefined) {
    await session.proc.err(USAGE);
    return 1;
  }
  if (server === undefined) session.checkRecursion = true;
  else {
    session.servers = await serversNamed(session, server);
    settings.listedServer = true;
  }
  target(h, name);
  session.queue.push(lookup);
  await runLookups(session);
  return display.exitCode;
}

/** What is looked up: the name of an address, or a name by the search list. */
function target({ session, settings, lookup }: HostRun, name: string): void {
  const reverse = reverseText(name, true);
  lookup.text = reverse ?? name;
  if (reverse === undefined) {
    session.useSearch = true;
    return;
  }
  lookup.type = TYPE_PTR;
  settings.all = false;
}

function apply(h: HostRun, opt: string, arg: string): void {
  const { session, settings, lookup } = h;
  switch (opt) {
    case 'l':
      lookup.tcp = true;
      lookup.type = TYPE_AXFR;
      lookup.typeSet = true;
      break;
    case 'v':
    case 'd':
      settings.verbose = true;
      break;
    case 'r':
      lookup.recurse = false;
      break;
    case 't':
      setType(h, arg);
      break;
    case 'c': {
      const cls = classNumber(arg);
      if (cls === undefined) throw new LookupFatal(`invalid class: ${arg}\n`, 2);
      lookup.class = cls;
      settings.all = false;
      break;
    }
    case 'A':
    case 'a':
      settings.almostAll ||= opt === 'A';
      if (lookup.type !== TYPE_AXFR) lookup.type = TYPE_ANY;
      settings.verbose = true;
      settings.all = false;
      break;
    case 'w':
      session.timeout = FOR_EVER;
      break;
    case 'W':
      session.timeout = Math.max(atoi(arg), 1);
      break;
    case 'R':
      session.tries = Math.max(atoi(arg) + 1, 2);
      break;
    case 'T':
    case 'U':
      lookup.tcp = opt === 'T';
      lookup.tcpSet = true;
      break;
    case 'C':
      throw new LookupFatal('-C is not supported: servers of a zone are not looked for', 1);
    case 'N':
      session.ndots = atoi(arg);
      break;
    case 's':
      lookup.servfailStops = true;
      break;
    case 'p':
      session.port = atoi(arg);
      break;
    default:
  }
}

function setType({ settings, lookup }: HostRun, arg: string): void {
  const numbered = /^TYPE(\d{1,5})$/i.exec(arg)?.[1];
  const type = numbered === undefined ? typeNumber(arg) : Number(numbered);
  if (type === undefined) throw new LookupFatal(`invalid type: ${arg}\n`, 2);
  if (lookup.type !== TYPE_AXFR) lookup.type = type;
  if (type === TYPE_AXFR) settings.verbose = true;
  if (type === TYPE_AXFR || (type === TYPE_ANY && !lookup.tcpSet)) lookup.tcp = true;
  lookup.typeSet = true;
  settings.all = false;
}
