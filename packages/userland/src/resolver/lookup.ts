import { formatIpv4, type Ipv6Addr } from '@labwire/core/addr';
import type { Family, InetAddr } from '@labwire/devices/rtnetlink';
import type { SockAddr } from '@labwire/devices/sock';
import { familyOf, inetAton, parseScopedIpv6, sameInet } from '../libc-net/index.ts';
import type { FileSystem, Process } from '../machine/index.ts';
import { orderDestinations } from './destination-order.ts';
import { type DnsAnswer, TYPE_A, TYPE_AAAA, TYPE_CNAME, TYPE_PTR } from './dns-message.ts';
import type { GaiError } from './gai-error.ts';
import { hostsByAddr, hostsByName } from './hosts-file.ts';
import { searchDns } from './search.ts';

/** What a name stands for, or why nothing is known of it. */
export type Resolved =
  | {
      readonly canonName: string;
      readonly addrs: readonly SockAddr[];
      readonly aliases: readonly string[];
    }
  | { readonly error: GaiError };

/** The sources of the `hosts` line of /etc/nsswitch.conf: `files` and `dns`, in its order; both without the file. */
export function hostSources(fs: FileSystem): string[] {
  if (!fs.exists('/etc/nsswitch.conf')) return ['files', 'dns'];
  const line = /^hosts:(.*)$/m.exec(fs.readText('/etc/nsswitch.conf'))?.[1] ?? ' files dns';
  return line
    .replace(/#.*|\[[^\]]*\]/g, '')
    .trim()
    .split(/\s+/);
}

function matches(addr: InetAddr, family: Family | undefined): boolean {
  return family === undefined || familyOf(addr) === family;
}

/** A numeric address, in the forms of inet_aton(3) and with zones. */
function numeric(proc: Process, name: string, family: Family | undefined): Resolved | undefined {
  const v4 = inetAton(name);
  const at = v4 === undefined ? parseScopedIpv6(name, proc.netns) : { addr: v4, port: 0 };
  if (at === undefined) return undefined;
  if (!matches(at.addr, family)) return { error: 'EAI_ADDRFAMILY' };
  return { canonName: name, addrs: [at], aliases: [] };
}

function fromFiles(proc: Process, name: string, family: Family | undefined): Resolved | undefined {
  const entries = hostsByName(proc.fs, name).filter((e) => matches(e.addr, family));
  const first = entries[0];
  if (first === undefined) return undefined;
  const addrs: SockAddr[] = [];
  for (const { addr } of entries)
    if (!addrs.some((a) => sameInet(a.addr, addr))) addrs.push({ addr, port: 0 });
  const names = new Set(entries.flatMap((e) => e.names));
  const canonName = first.names[0] as string;
  names.delete(canonName);
  return { canonName, addrs, aliases: [...names] };
}

/** Follows CNAMEs from the question to the name that has the addresses. */
function canonical(answer: DnsAnswer): { readonly name: string; readonly via: readonly string[] } {
  let name = answer.qname;
  const via: string[] = [];
  for (let hops = 0; hops < 16; hops++) {
    const alias = answer.records.find(
      (r) => r.type === TYPE_CNAME && r.name.toLowerCase() === name.toLowerCase(),
    );
    if (typeof alias?.value !== 'string') break;
    via.push(name);
    name = alias.value;
  }
  return { name, via };
}

/** Whether a name may be a host's: letters, digits, dashes but not first, underscores. glibc resolv/res-name-checking.c, res_hnok() */
function isHostName(name: string): boolean {
  return /^[a-z0-9_.][a-z0-9_.-]*$/i.test(name) && !name.includes('..');
}

async function fromDns(proc: Process, name: string, family: Family | undefined): Promise<Resolved> {
  if (!isHostName(name)) return { error: 'EAI_NONAME' };
  const types =
    family === undefined ? [TYPE_A, TYPE_AAAA] : [family === 'inet' ? TYPE_A : TYPE_AAAA];
  const result = await searchDns(proc, name, types);
  if ('error' in result) return result;
  const addrs: SockAddr[] = [];
  let canonName: string | undefined;
  const aliases: string[] = [];
  for (const answer of result.answers) {
    const { name: owner, via } = canonical(answer);
    for (const { type, value } of answer.records) {
      if (!types.includes(type) || value === undefined || typeof value === 'string') continue;
      addrs.push({ addr: value, port: 0 });
      canonName ??= owner;
      for (const each of via) if (!aliases.includes(each)) aliases.push(each);
    }
  }
  return { canonName: canonName ?? name, addrs, aliases };
}

/** Asks the sources of nsswitch.conf one after the other, without looking for a numeric address first. */
export async function lookupName(proc: Process, name: string, family?: Family): Promise<Resolved> {
  let failed: Resolved = { error: 'EAI_NONAME' };
  for (const source of hostSources(proc.fs)) {
    const found =
      source === 'files'
        ? fromFiles(proc, name, family)
        : source === 'dns'
          ? await fromDns(proc, name, family)
          : undefined;
    if (found === undefined) continue;
    if (!('error' in found)) return found;
    failed = found;
  }
  return failed;
}

/**
 * getaddrinfo(3) of a host: addresses in the order in which to try them, port 0.
 * @param family only this one; both if absent
 */
export async function resolve(proc: Process, name: string, family?: Family): Promise<Resolved> {
  const number = numeric(proc, name, family);
  if (number !== undefined) return number;
  const found = await lookupName(proc, name, family);
  if ('error' in found) return found;
  return { ...found, addrs: orderDestinations(proc, found.addrs) };
}

/** The name under which the DNS keeps the name of an address. RFC 1035 section 3.5, RFC 3596 section 2.5 */
export function reverseName(addr: InetAddr): string {
  if (typeof addr === 'number')
    return `${formatIpv4(addr).split('.').reverse().join('.')}.in-addr.arpa`;
  return `${nibbles(addr).reverse().join('.')}.ip6.arpa`;
}

function nibbles(a: Ipv6Addr): string[] {
  const hex = [a.w0, a.w1, a.w2, a.w3].map((w) => (w >>> 0).toString(16).padStart(8, '0'));
  return [...hex.join('')];
}

/** The name of an address: getnameinfo(3). @returns undefined if it has none */
export async function reverse(
  proc: Process,
  addr: InetAddr,
): Promise<{ readonly name: string; readonly aliases: readonly string[] } | undefined> {
  for (const source of hostSources(proc.fs)) {
    if (source === 'files') {
      const [name, ...aliases] = hostsByAddr(proc.fs, addr)?.names ?? [];
      if (name !== undefined) return { name, aliases };
    } else if (source === 'dns') {
      const result = await searchDns(proc, `${reverseName(addr)}.`, [TYPE_PTR]);
      if ('error' in result) continue;
      const record = result.answers[0]?.records.find((r) => r.type === TYPE_PTR);
      if (typeof record?.value === 'string') return { name: record.value, aliases: [] };
    }
  }
  return undefined;
}
