import { type GetoptTable, getopt, getoptRows, type LongOption } from '../../libc-net/index.ts';
import { type Manual, rowsOf } from '../../machine/index.ts';
import type { Context } from '../context/index.ts';
import { switchNetns } from '../ip/index.ts';
import { Exit, type Failure, unsupported } from '../parse/index.ts';
import type { SockTable } from './filter.ts';
import { SS_ALL, SS_CONNECTED, SS_ESTABLISHED, SS_LISTENING } from './states.ts';
import { UNIX_TABLES, type UnixTableName } from './unix.ts';
import { SS_USAGE } from './usage.ts';

const LONG_NAMES: Readonly<Record<string, string>> = {
  numeric: 'n',
  resolve: 'r',
  options: 'o',
  extended: 'e',
  memory: 'm',
  info: 'i',
  processes: 'p',
  threads: 'T',
  bpf: 'b',
  events: 'E',
  dccp: 'd',
  tcp: 't',
  sctp: 'S',
  udp: 'u',
  raw: 'w',
  unix: 'x',
  tipc: 'tipc',
  vsock: 'vsock',
  all: 'a',
  listening: 'l',
  ipv4: '4',
  ipv6: '6',
  packet: '0',
  family: 'f',
  socket: 'A',
  query: 'A',
  summary: 's',
  diag: 'D',
  filter: 'F',
  version: 'V',
  help: 'h',
  context: 'Z',
  contexts: 'z',
  net: 'N',
  tipcinfo: 'tipcinfo',
  tos: 'tos',
  cgroup: 'cgroup',
  kill: 'K',
  'no-header': 'H',
  xdp: 'xdp',
  mptcp: 'M',
  oneline: 'O',
  'inet-sockopt': 'inet-sockopt',
};
const WITH_VALUE: readonly string[] = ['f', 'A', 'D', 'F', 'N'];
const LONG_OPTIONS: readonly LongOption[] = Object.entries(LONG_NAMES).map(([name, key]) => ({
  name,
  key,
  arg: WITH_VALUE.includes(key) ? 'required' : 'no',
}));

/** What the options of `ss` ask for. */
export interface SsOptions {
  /** Tables of sockets; empty: not chosen. */
  readonly tables: Set<SockTable | UnixTableName>;
  families: Set<'inet' | 'inet6'>;
  /** States that the tables and families asked for bring. */
  defaultStates: number;
  /** States that are asked for themselves; 0 for none. */
  states: number;
  /** Whether nothing has chosen tables or families. */
  isDefault: boolean;
  queried: boolean;
  numeric: boolean;
  timers: boolean;
  details: boolean;
  memory: boolean;
  info: boolean;
  processes: boolean;
  header: boolean;
  oneline: boolean;
  summary: boolean;
}

function noOptions(): SsOptions {
  return {
    tables: new Set(),
    families: new Set(),
    defaultStates: 0,
    states: 0,
    isDefault: true,
    queried: false,
    numeric: false,
    timers: false,
    details: false,
    memory: false,
    info: false,
    processes: false,
    header: true,
    oneline: false,
    summary: false,
  };
}

const SUPPORTED =
  '-n -a -l -o -e -m -p -i -s -N -4 -6 -t -u -w -x -f -H -O -A, state filters and expressions';

function refuse(option: string): Failure {
  return unsupported(`Option ${option.length > 1 ? '--' : '-'}${option} of ss`, SUPPORTED);
}

function useTable(options: SsOptions, table: SockTable | UnixTableName): void {
  options.tables.add(table);
  options.defaultStates |= table === 'udp' || table === 'raw' ? SS_ESTABLISHED : SS_CONNECTED;
  options.isDefault = false;
}

function useFamily(options: SsOptions, family: 'inet' | 'inet6'): void {
  options.families.add(family);
  options.defaultStates |= SS_CONNECTED;
  options.isDefault = false;
}

/** Tables of a query; the ones that no simulated machine has sockets in are named as empty sets. Source: iproute2 misc/ss.c, filter_db_parse(). */
const QUERIES: Readonly<Record<string, readonly (SockTable | UnixTableName)[]>> = {
  all: ['udp', 'tcp', 'raw', ...UNIX_TABLES],
  inet: ['udp', 'tcp', 'raw'],
  udp: ['udp'],
  tcp: ['tcp'],
  raw: ['raw'],
  unix: UNIX_TABLES,
  unix_stream: ['u_str'],
  u_str: ['u_str'],
  unix_dgram: ['u_dgr'],
  u_dgr: ['u_dgr'],
  unix_seqpacket: ['u_seq'],
  u_seq: ['u_seq'],
};
const OTHER_QUERIES: readonly string[] = [
  'dccp',
  'mptcp',
  'sctp',
  'packet',
  'packet_raw',
  'p_raw',
  'packet_dgram',
  'p_dgr',
  'netlink',
  'tipc',
  'vsock',
  'vsock_stream',
  'v_str',
  'vsock_dgram',
  'v_dgr',
  'xdp',
];

function query(options: SsOptions, text: string): void {
  if (!options.queried) {
    options.tables.clear();
    options.states ||= SS_CONNECTED;
    options.queried = true;
    options.isDefault = false;
  }
  for (const word of text.split(',')) {
    const name = word.replace(/^!/, '');
    if (OTHER_QUERIES.includes(name))
      throw unsupported(`The socket table ${name} of ss`, Object.keys(QUERIES).join(', '));
    if (!Object.hasOwn(QUERIES, name))
      throw new Exit(255, `ss: "${word}" is illegal socket table id\n${SS_USAGE}`);
    for (const table of QUERIES[name] as readonly (SockTable | UnixTableName)[])
      if (word.startsWith('!')) options.tables.delete(table);
      else useTable(options, table);
  }
}

function family(options: SsOptions, text: string): void {
  if (text === 'inet' || text === 'inet6') useFamily(options, text);
  else if (text === 'unix') for (const table of UNIX_TABLES) useTable(options, table);
  else if (text === 'help') throw new Exit(0, '');
  else if (['link', 'netlink', 'tipc', 'vsock', 'xdp'].includes(text))
    throw unsupported(`The family ${text} of ss`, 'inet, inet6, unix');
  else throw new Exit(255, `ss: "${text}" is invalid family\n${SS_USAGE}`);
}

/** What each option does. */
const ACTIONS: Readonly<Record<string, (options: SsOptions, value: string, ctx: Context) => void>> =
  {
    n: (o) => {
      o.numeric = true;
    },
    o: (o) => {
      o.timers = true;
    },
    e: (o) => {
      o.timers = true;
      o.details = true;
    },
    m: (o) => {
      o.memory = true;
    },
    i: (o) => {
      o.info = true;
    },
    p: (o) => {
      o.processes = true;
    },
    t: (o) => useTable(o, 'tcp'),
    u: (o) => useTable(o, 'udp'),
    w: (o) => useTable(o, 'raw'),
    x: (o) => {
      for (const table of UNIX_TABLES) useTable(o, table);
    },
    a: (o) => {
      o.states = SS_ALL;
    },
    l: (o) => {
      o.states = SS_LISTENING;
    },
    '4': (o) => useFamily(o, 'inet'),
    '6': (o) => useFamily(o, 'inet6'),
    f: family,
    A: query,
    s: (o) => {
      o.summary = true;
    },
    H: (o) => {
      o.header = false;
    },
    O: (o) => {
      o.oneline = true;
    },
    N: (_o, value, ctx) => switchNamespace(ctx, value),
    v: (_o, _value, ctx) => version(ctx),
    V: (_o, _value, ctx) => version(ctx),
    z: noSelinux,
    Z: noSelinux,
    h: (_o, _value, ctx) => {
      ctx.output.out(SS_USAGE);
      throw new Exit(0, '');
    },
  };

function version(ctx: Context): never {
  ctx.output.out('ss utility, iproute2-6.1.0\n');
  throw new Exit(0, '');
}

function noSelinux(): never {
  throw new Exit(1, 'ss: SELinux is not enabled.\n');
}

function switchNamespace(ctx: Context, name: string): void {
  try {
    switchNetns(ctx, name);
  } catch (e) {
    throw e instanceof Exit ? new Exit(1, e.text) : e;
  }
}

const LETTERS = 'dhaletuwxnro460spTbEf:mMiA:D:F:vVzZN:KHSO';
const OPTIONS: GetoptTable = {
  letters: LETTERS,
  longs: LONG_OPTIONS,
  usage: SS_USAGE,
  refused: [...LETTERS, ...Object.values(LONG_NAMES)].filter((key) => ACTIONS[key] === undefined),
};

/** What ss can be told but for its filters. */
export const ssManual = (): Manual => [
  { title: 'Options', rows: getoptRows(OPTIONS) },
  {
    title: 'Tables of -A',
    rows: [...rowsOf(Object.keys(QUERIES)), ...rowsOf(OTHER_QUERIES, { refused: true })],
  },
];

/** Reads the options; what is left are state filters and the expression. Source: misc/ss.c, main(). */
export function parseSsOptions(ctx: Context): { options: SsOptions; operands: readonly string[] } {
  const { argv } = ctx.proc;
  const { options: found, operands, error } = getopt(argv.slice(1), OPTIONS.letters, OPTIONS.longs);
  const options = noOptions();
  for (const { opt, arg } of found) {
    const act = ACTIONS[opt];
    if (act === undefined) throw refuse(opt);
    act(options, arg ?? '', ctx);
  }
  if (error !== undefined) throw new Exit(255, `${argv[0]}: ${error}\n${SS_USAGE}`);
  return { options, operands };
}
