import { classNumber, typeNumber } from '@labwire/devices/dns';
import { type Manual, rowsOf } from '../../machine/index.ts';
import type { Session } from '../dighost/index.ts';

/** What `set` changes beside the session. */
export interface NslookupSettings {
  type: string;
  class: string;
  /** The type was not set: A, then AAAA. */
  both: boolean;
  debug: boolean;
  recurse: boolean;
  tcp: boolean;
  tcpSet: boolean;
  noFail: boolean;
}

/** The settings at the start. */
export function nslookupSettings(): NslookupSettings {
  return {
    type: 'A',
    class: 'IN',
    both: true,
    debug: false,
    recurse: true,
    tcp: false,
    tcpSet: false,
    noFail: true,
  };
}

type Change = (session: Session, settings: NslookupSettings, value: string) => string;

function number(value: string, max: number): number | undefined {
  return /^\d+$/.test(value) && Number(value) <= max ? Number(value) : undefined;
}

const quiet =
  (change: (session: Session, settings: NslookupSettings, value: string) => void): Change =>
  (session, settings, value) => {
    change(session, settings, value);
    return '';
  };

const setType: Change = (_, settings, value) => {
  if (typeNumber(value) === undefined) return `unknown query type: ${value}\n`;
  settings.type = value;
  settings.both = false;
  return '';
};

const setClass: Change = (_, settings, value) => {
  if (classNumber(value) === undefined) return `unknown query class: ${value}\n`;
  settings.class = value;
  return '';
};

const setDomain = quiet((session, _, value) => {
  session.search = [value];
  session.useSearch = true;
});
const setPort = quiet((session, _, value) => {
  session.port = number(value, 65_535) ?? session.port;
});
const setTimeout = quiet((session, _, value) => {
  session.timeout = number(value, 0xffffffff) ?? session.timeout;
});
const setTries = quiet((session, _, value) => {
  session.tries = number(value, 0x7fffffff) ?? session.tries;
});
const setNdots = quiet((session, _, value) => {
  session.ndots = number(value, 128) ?? session.ndots;
});

/** Options with a value, by all their names. */
const VALUED: Readonly<Record<string, Change>> = {
  class: setClass,
  cl: setClass,
  type: setType,
  ty: setType,
  querytype: setType,
  query: setType,
  qu: setType,
  q: setType,
  domain: setDomain,
  do: setDomain,
  port: setPort,
  po: setPort,
  timeout: setTimeout,
  t: setTimeout,
  retry: setTries,
  ret: setTries,
  ndots: setNdots,
};

interface Switch {
  readonly name: string;
  /** Letters that are enough. */
  readonly least: number;
  readonly change: Change;
}

function toggle(
  name: string,
  least: number,
  change: (session: Session, settings: NslookupSettings) => void,
): Switch {
  return { name, least, change: quiet(change) };
}

const SWITCHES: readonly Switch[] = [
  { name: 'all', least: 3, change: (session, settings) => showAll(session, settings) },
  toggle('recurse', 3, (_, s) => {
    s.recurse = true;
  }),
  toggle('norecurse', 5, (_, s) => {
    s.recurse = false;
  }),
  toggle('defname', 3, (session) => {
    session.useSearch = true;
  }),
  toggle('nodefname', 5, (session) => {
    session.useSearch = false;
  }),
  toggle('vc', 2, (_, s) => {
    s.tcp = true;
    s.tcpSet = true;
  }),
  toggle('novc', 4, (_, s) => {
    s.tcp = false;
    s.tcpSet = true;
  }),
  toggle('debug', 3, (session, s) => {
    s.debug = true;
    session.showSearch = true;
  }),
  toggle('nodebug', 5, (session, s) => {
    s.debug = false;
    session.showSearch = false;
  }),
  toggle('d2', 2, () => undefined),
  toggle('nod2', 4, () => undefined),
  toggle('search', 3, (session) => {
    session.useSearch = true;
  }),
  toggle('nosearch', 5, (session) => {
    session.useSearch = false;
  }),
  toggle('sil', 3, () => undefined),
  toggle('fail', 3, (_, s) => {
    s.noFail = false;
  }),
  toggle('nofail', 5, (_, s) => {
    s.noFail = true;
  }),
];

/** What `set` and options of one dash can say. */
export const nslookupManual = (): Manual => [
  {
    title: 'Words of `set`, and options with a dash before them',
    rows: [
      ...rowsOf(
        Object.keys(VALUED).map((name) => `${name}=`),
        { arg: 'VALUE' },
      ),
      ...rowsOf(SWITCHES.map(({ name }) => name)),
    ],
  },
];

/** Changes one option. BIND bin/dig/nslookup.c, setoption() @returns what it prints */
export function setOption(session: Session, settings: NslookupSettings, text: string): string {
  const at = text.indexOf('=');
  const valued = at < 0 ? undefined : VALUED[text.slice(0, at).toLowerCase()];
  if (valued !== undefined) return valued(session, settings, text.slice(at + 1));
  const lower = text.toLowerCase();
  const found = SWITCHES.find((s) => lower.length >= s.least && s.name.startsWith(lower));
  return found?.change(session, settings, '') ?? `*** Invalid option: ${text}\n`;
}

/** `set all`: show_settings() */
function showAll(session: Session, s: NslookupSettings): string {
  const servers = session.servers.map(
    (server) => `Default server: ${server.userArg}\nAddress: ${session.address(server)}\n`,
  );
  return `${servers.join('')}
Set options:
  ${s.tcp ? 'vc' : 'novc'}\t\t\t${s.debug ? 'debug' : 'nodebug'}\t\tnod2
  ${session.useSearch ? 'search' : 'nosearch'}\t\t${s.recurse ? 'recurse' : 'norecurse'}
  timeout = ${session.timeout}\t\tretry = ${session.tries}\tport = ${session.port}\tndots = ${session.ndots}
  querytype = ${s.type.padEnd(8)}\tclass = ${s.class}
  srchlist = ${session.search.join('/')}
`;
}
