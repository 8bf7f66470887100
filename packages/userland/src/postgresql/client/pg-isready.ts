import { type GetoptTable, getopt } from '../../libc-net/index.ts';
import type { Process } from '../../machine/index.ts';
import { ConnectError, Connection } from './connection.ts';
import { type ConnInfo, complete, defaults, isConnString, parseConnString } from './conninfo.ts';

const VERSION = 'pg_isready (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n';
const PATH = '/usr/lib/postgresql/15/bin/pg_isready';
/** Seconds until it gives up. */
const TIMEOUT = 3;

const LONGS = [
  { name: 'dbname', arg: 'required', key: 'd' },
  { name: 'host', arg: 'required', key: 'h' },
  { name: 'port', arg: 'required', key: 'p' },
  { name: 'quiet', arg: 'no', key: 'q' },
  { name: 'timeout', arg: 'required', key: 't' },
  { name: 'username', arg: 'required', key: 'U' },
  { name: 'version', arg: 'no', key: 'V' },
] as const;

/** What its command line may hold. */
export const PG_ISREADY_OPTIONS: GetoptTable = { letters: 'd:h:p:qt:U:V', longs: LONGS };

/** pg_isready(1): 0 if somebody answers there, 2 if nobody does. */
export async function pgIsReady(proc: Process): Promise<number> {
  const { options, error } = getopt(
    proc.argv.slice(1),
    PG_ISREADY_OPTIONS.letters,
    PG_ISREADY_OPTIONS.longs,
  );
  if (error !== undefined) {
    await proc.err(
      `${PATH}: ${error}\npg_isready: hint: Try "pg_isready --help" for more information.\n`,
    );
    return 3;
  }
  if (options.some((o) => o.opt === 'V')) {
    await proc.out(VERSION);
    return 0;
  }
  const of = (opt: string) => [...options].reverse().find((o) => o.opt === opt)?.arg;
  const parts: Partial<ConnInfo> = { ...defaults(proc) };
  const database = of('d');
  if (database !== undefined && isConnString(database))
    Object.assign(parts, parseConnString(database));
  else if (database !== undefined) parts.database = database;
  for (const [opt, key] of [
    ['h', 'host'],
    ['p', 'port'],
    ['U', 'user'],
  ] as const) {
    const value = of(opt);
    if (value !== undefined) parts[key] = value;
  }
  parts.timeout = Number(of('t') ?? TIMEOUT);
  const info = complete(parts);
  const answers = await answersAt(proc, info);
  const where = info.host ?? '/var/run/postgresql';
  const text = answers ? 'accepting connections' : 'no response';
  if (!options.some((o) => o.opt === 'q')) await proc.out(`${where}:${info.port} - ${text}\n`);
  return answers ? 0 : 2;
}

async function answersAt(proc: Process, info: ConnInfo): Promise<boolean> {
  try {
    const connection = await Connection.open(proc, info);
    await connection.close();
    return true;
  } catch (e) {
    if (!(e instanceof ConnectError)) throw e;
    return e.answered;
  }
}
