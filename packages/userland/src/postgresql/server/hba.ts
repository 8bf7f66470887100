import type { Ipv6Addr } from '@labwire/core/addr';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import { parseInet } from '../../libc-net/index.ts';
import { parseCidr } from '../../network-config/index.ts';

/** How a client has to show who it is. */
export type AuthMethod = 'trust' | 'reject' | 'peer' | 'password' | 'md5' | 'scram-sha-256';

const METHODS: readonly string[] = ['trust', 'reject', 'peer', 'password', 'md5', 'scram-sha-256'];
const NETWORK_TYPES = ['host', 'hostnossl', 'hostnogssenc'];
/** Types for encrypted connections, which there are none of. */
const ENCRYPTED_TYPES = ['hostssl', 'hostgssenc'];

/** A line of pg_hba.conf. */
interface HbaLine {
  readonly type: string;
  readonly databases: readonly string[];
  readonly users: readonly string[];
  readonly address: string;
  readonly mask: string | undefined;
  readonly method: AuthMethod;
}

/** Who wants to connect; `address` is undefined over a Unix-domain socket. */
export interface Connector {
  readonly user: string;
  readonly database: string;
  readonly address: InetAddr | undefined;
  /** The server's own address, for `samehost`. */
  readonly local: InetAddr | undefined;
}

/** A line that is wrong, as the server's log tells of it. */
export class HbaError extends Error {}

/** Reads pg_hba.conf. @throws HbaError */
export function parseHba(text: string, file: string): HbaLine[] {
  return text.split('\n').flatMap((raw, i) => {
    const words = raw.replace(/#.*/, '').trim().split(/\s+/);
    if (words[0] === '') return [];
    return [parseLine(words, `line ${i + 1} of configuration file "${file}"`)];
  });
}

function parseLine(words: readonly string[], where: string): HbaLine {
  const [type = '', databases = '', users = '', ...rest] = words;
  const local = type === 'local';
  if (!local && !NETWORK_TYPES.includes(type) && !ENCRYPTED_TYPES.includes(type))
    throw new HbaError(`invalid connection type "${type}" (${where})`);
  const address = local ? '' : (rest.shift() ?? '');
  const mask = !local && parseInet(rest[0] ?? '') !== undefined ? rest.shift() : undefined;
  const method = rest[0];
  if (method === undefined)
    throw new HbaError(`end-of-line before authentication method (${where})`);
  if (!METHODS.includes(method))
    throw new HbaError(`invalid authentication method "${method}" (${where})`);
  return {
    type,
    databases: databases.split(','),
    users: users.split(','),
    address,
    mask,
    method: method as AuthMethod,
  };
}

/** The method of the first line that is for such a connection; undefined for none. hba.c, check_hba() */
export function methodFor(lines: readonly HbaLine[], who: Connector): AuthMethod | undefined {
  return lines.find((line) => fits(line, who))?.method;
}

function fits(line: HbaLine, who: Connector): boolean {
  if (ENCRYPTED_TYPES.includes(line.type)) return false;
  if ((line.type === 'local') !== (who.address === undefined)) return false;
  const database = line.databases.some(
    (d) =>
      d === 'all' || unquote(d) === who.database || (d === 'sameuser' && who.user === who.database),
  );
  const user = line.users.some((u) => u === 'all' || unquote(u) === who.user);
  return (
    database && user && (who.address === undefined || addressFits(line, who.address, who.local))
  );
}

function unquote(word: string): string {
  return word.replace(/^"(.*)"$/, '$1');
}

function addressFits(
  { address, mask }: HbaLine,
  client: InetAddr,
  local: InetAddr | undefined,
): boolean {
  if (address === 'all') return true;
  if (address === 'samehost') return local !== undefined && within(client, local, 128);
  const cidr = parseCidr(mask === undefined ? address : `${address}/${lengthOf(mask)}`);
  return cidr !== undefined && within(client, cidr.address, cidr.prefixLen);
}

/** The bits of a mask. */
function lengthOf(mask: string): number {
  const words = wordsOf(parseInet(mask) as InetAddr);
  return words.reduce((sum, w) => sum + Math.clz32(~w), 0);
}

function wordsOf(addr: InetAddr): number[] {
  if (typeof addr === 'number') return [addr];
  const { w0, w1, w2, w3 }: Ipv6Addr = addr;
  return [w0, w1, w2, w3];
}

function within(addr: InetAddr, network: InetAddr, prefixLen: number): boolean {
  const [a, b] = [wordsOf(addr), wordsOf(network)];
  if (a.length !== b.length) return false;
  return a.every((word, i) => {
    const bits = Math.min(32, Math.max(0, prefixLen - 32 * i));
    return bits === 0 || (word ^ (b[i] as number)) >>> (32 - bits) === 0;
  });
}
