import type { Family } from '@labwire/devices/rtnetlink';
import {
  familyOf,
  formatInet,
  type GetoptTable,
  getopt,
  getoptRows,
  parseInet,
  readServices,
} from '../libc-net/index.ts';
import { type Manual, type Process, rowsOf } from '../machine/index.ts';
import { readHosts } from './hosts-file.ts';
import { lookupName, type Resolved, resolve, reverse } from './lookup.ts';

/** Answers one key of a database. @returns the lines to print, undefined if there is no such entry */
type Lookup = (proc: Process, key: string) => Promise<string | undefined>;

interface Database {
  readonly one: Lookup;
  /** All entries; undefined: it cannot be listed. */
  readonly all: ((proc: Process) => string) | undefined;
}

const NOT_FOUND = 2;
const NO_ENUMERATION = 3;

function hostLine(addr: string, names: readonly string[]): string {
  return `${addr.padEnd(15)} ${names.join(' ')}\n`;
}

async function hosts(proc: Process, key: string): Promise<string | undefined> {
  const addr = parseInet(key);
  if (addr !== undefined) {
    const found = await reverse(proc, addr);
    return found && hostLine(formatInet(addr), [found.name, ...found.aliases]);
  }
  for (const family of ['inet6', 'inet'] as const) {
    const found = await lookupName(proc, key, family);
    if ('error' in found) continue;
    const names = [found.canonName, ...found.aliases];
    return found.addrs.map((a) => hostLine(formatInet(a.addr), names)).join('');
  }
  return undefined;
}

function ahostsLines(found: Resolved): string | undefined {
  if ('error' in found) return undefined;
  return found.addrs
    .map(({ addr }, i) => {
      const text = formatInet(addr).padEnd(15);
      const name = i === 0 ? found.canonName : '';
      return `${text} STREAM ${name}\n${text} DGRAM  \n${text} RAW    \n`;
    })
    .join('');
}

function ahosts(family?: Family): Database {
  return {
    one: async (proc, key) => ahostsLines(await resolve(proc, key, family)),
    all: (proc) =>
      readHosts(proc.fs)
        .filter((e) => family === undefined || familyOf(e.addr) === family)
        .map((e) => hostLine(formatInet(e.addr), e.names))
        .join(''),
  };
}

function lines(proc: Process, path: string): string[] {
  if (!proc.fs.exists(path)) return [];
  const text = proc.fs.readText(path);
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

/** A file of `name:password:id:…` lines: passwd(5), group(5). */
function colonFile(path: string, byId: boolean): Database {
  return {
    one: async (proc, key) => {
      const line = lines(proc, path).find((each) => {
        const fields = each.split(':');
        return fields[0] === key || (byId && fields[2] === key);
      });
      return line && `${line}\n`;
    },
    all: (proc) =>
      lines(proc, path)
        .map((line) => `${line}\n`)
        .join(''),
  };
}

/** A file of `name value aliases…` lines: protocols(5), networks(5). */
function tableFile(path: string): Database {
  const rows = (proc: Process) =>
    lines(proc, path).map((l) => l.replace(/#.*/, '').trim().split(/\s+/));
  const show = (row: readonly string[]) =>
    `${(row[0] as string).padEnd(21)} ${row.slice(1).join(' ')}\n`;
  return {
    one: async (proc, key) => {
      const row = rows(proc).find((r) => r.includes(key));
      return row && show(row);
    },
    all: (proc) => rows(proc).map(show).join(''),
  };
}

const SERVICES: Database = {
  one: async (proc, key) => {
    const [name, proto] = key.split('/');
    const port = /^\d+$/.test(name ?? '') ? Number(name) : undefined;
    const service = readServices(proc.fs).find(
      (s) =>
        (port === undefined ? [s.name, ...s.aliases].includes(name ?? '') : s.port === port) &&
        (proto ?? s.proto) === s.proto,
    );
    return service && serviceLine(service);
  },
  all: (proc) => readServices(proc.fs).map(serviceLine).join(''),
};

function serviceLine(s: ReturnType<typeof readServices>[number]): string {
  return `${s.name.padEnd(21)} ${[`${s.port}/${s.proto}`, ...s.aliases].join(' ')}\n`;
}

const DATABASES: Readonly<Record<string, Database>> = {
  ahosts: ahosts(),
  ahostsv4: ahosts('inet'),
  ahostsv6: ahosts('inet6'),
  group: colonFile('/etc/group', true),
  gshadow: colonFile('/etc/gshadow', false),
  hosts: { ...ahosts(), one: hosts },
  networks: tableFile('/etc/networks'),
  passwd: colonFile('/etc/passwd', true),
  protocols: tableFile('/etc/protocols'),
  services: SERVICES,
  shadow: colonFile('/etc/shadow', false),
};

/** Databases that glibc's getent has and Labwire has not. */
const REFUSED: readonly string[] = ['aliases', 'ethers', 'initgroups', 'netgroup', 'rpc'];

async function complain(proc: Process, message: string, status = 1): Promise<number> {
  await proc.err(message);
  await proc.err("Try `getent --help' or `getent --usage' for more information.\n");
  return status;
}

/** What its command line may hold. */
const GETENT_OPTIONS: GetoptTable = {
  letters: 'iA',
  longs: [
    { name: 'no-idn', arg: 'no', key: 'i' },
    { name: 'no-addrconfig', arg: 'no', key: 'A' },
  ],
};

/** What getent can be told. */
export const getentManual = (): Manual => [
  { title: 'Options', rows: getoptRows(GETENT_OPTIONS) },
  {
    title: 'Databases',
    rows: [...rowsOf(Object.keys(DATABASES)), ...rowsOf(REFUSED, { refused: true })],
  },
];

/** getent(1). glibc nss/getent.c */
export async function getent(proc: Process): Promise<number> {
  const { operands, error } = getopt(
    proc.argv.slice(1),
    GETENT_OPTIONS.letters,
    GETENT_OPTIONS.longs,
  );
  if (error !== undefined) return complain(proc, `getent: ${error}\n`, 64);
  const [name, ...keys] = operands;
  if (name === undefined) return complain(proc, 'getent: wrong number of arguments\n');
  const database = DATABASES[name];
  if (database === undefined && REFUSED.includes(name)) {
    await proc.err(
      `getent: ${name}: not supported; supported: ${Object.keys(DATABASES).join(' ')}\n`,
    );
    return NO_ENUMERATION;
  }
  if (database === undefined) return complain(proc, `Unknown database: ${name}\n`);
  if (keys.length > 0) return lookUpAll(proc, database, keys);
  if (database.all === undefined) return NO_ENUMERATION;
  await proc.out(database.all(proc));
  return 0;
}

async function lookUpAll(
  proc: Process,
  database: Database,
  keys: readonly string[],
): Promise<number> {
  let status = 0;
  for (const key of keys) {
    const text = await database.one(proc, key);
    if (text === undefined) status = NOT_FOUND;
    else await proc.out(text);
  }
  return status;
}
