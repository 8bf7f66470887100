import type { Process } from '../../machine/index.ts';

/** Where and as whom to connect. PostgreSQL manual, chapter 34.1.2 */
export interface ConnInfo {
  /** Undefined or a directory: the machine's own server. */
  host: string | undefined;
  port: string;
  user: string;
  database: string;
  password: string | undefined;
  /** Seconds; undefined for as long as the network tries. */
  timeout: number | undefined;
}

/** A connection string that is wrong. */
export class ConnInfoError extends Error {}

const KEYS: Readonly<Record<string, keyof ConnInfo>> = {
  host: 'host',
  hostaddr: 'host',
  port: 'port',
  user: 'user',
  dbname: 'database',
  password: 'password',
};

/** What the environment and the user's name say. */
export function defaults(proc: Process): Partial<ConnInfo> {
  const { env, machine, uid } = proc;
  const found: Partial<ConnInfo> = { user: env.get('PGUSER') ?? machine.user(uid).name };
  const host = env.get('PGHOST') ?? env.get('PGHOSTADDR');
  if (host !== undefined) found.host = host;
  const port = env.get('PGPORT');
  if (port !== undefined) found.port = port;
  const database = env.get('PGDATABASE');
  if (database !== undefined) found.database = database;
  const password = env.get('PGPASSWORD');
  if (password !== undefined) found.password = password;
  const timeout = env.get('PGCONNECT_TIMEOUT');
  if (timeout !== undefined) found.timeout = Number(timeout);
  return found;
}

/** Fills in what is missing. */
export function complete(parts: Partial<ConnInfo>): ConnInfo {
  const { host, port = '5432', user = '', password, timeout } = parts;
  return { host, port, user, database: parts.database ?? user, password, timeout };
}

/** Whether a word that may be a database's name is a whole connection string. */
export function isConnString(word: string): boolean {
  return /^postgres(ql)?:\/\//.test(word) || word.includes('=');
}

/** Reads `key=value …` or a URI. @throws ConnInfoError */
export function parseConnString(text: string): Partial<ConnInfo> {
  return /^postgres(ql)?:\/\//.test(text) ? parseUri(text) : parsePairs(text);
}

function put(into: Partial<ConnInfo>, key: string, value: string): void {
  if (key === 'connect_timeout') {
    into.timeout = Number(value);
    return;
  }
  const name = KEYS[key];
  if (name !== undefined) Object.assign(into, { [name]: value });
  else if (key !== 'sslmode' && key !== 'application_name')
    throw new ConnInfoError(`invalid connection option "${key}"`);
}

function parsePairs(text: string): Partial<ConnInfo> {
  const found: Partial<ConnInfo> = {};
  const pattern = /\s*([A-Za-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|(\S*))\s*/y;
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex;
    const pair = pattern.exec(text);
    if (pair === null)
      throw new ConnInfoError(
        `missing "=" after "${text.slice(at).trim().split(/\s/)[0]}" in connection info string`,
      );
    put(found, pair[1] as string, (pair[2] ?? pair[3] ?? '').replace(/\\(.)/g, '$1'));
  }
  return found;
}

function parseUri(text: string): Partial<ConnInfo> {
  const pattern =
    /^postgres(?:ql)?:\/\/(?:([^:@/]*)(?::([^@/]*))?@)?(\[[^\]]*\]|[^:/?]*)(?::(\d*))?(?:\/([^?]*))?(?:\?(.*))?$/;
  const match = pattern.exec(text);
  if (match === null) throw new ConnInfoError(`invalid URI: "${text}"`);
  const found: Partial<ConnInfo> = {};
  const [, user, password, host, port, database, query] = match;
  const set = (key: keyof ConnInfo, value: string | undefined) => {
    if (value !== undefined && value !== '')
      Object.assign(found, { [key]: unescapePercent(value) });
  };
  set('user', user);
  set('password', password);
  set('host', host?.replace(/^\[|\]$/g, ''));
  set('port', port);
  set('database', database);
  for (const pair of (query ?? '').split('&').filter((q) => q !== '')) {
    const [key = '', value = ''] = pair.split('=');
    put(found, key, unescapePercent(value));
  }
  return found;
}

function unescapePercent(text: string): string {
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
