import type { InetAddr } from '@labwire/devices/rtnetlink';
import type { SockAddr, SockInfo } from '@labwire/devices/sock';
import { parseInet, sameInet, serviceByName } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { resolve } from '../resolver/index.ts';
import { LsofError } from './lsof-error.ts';

/** Whether a socket is one of those that `-i` asks for. */
export type InetFilter = (info: SockInfo) => boolean;

type Range = readonly [first: number, last: number];

/** Reads `[46][protocol][@host][:ports]`. @throws LsofError; source: lsof arg.c, enter_network_address() */
export async function parseInetFilter(proc: Process, text: string): Promise<InetFilter> {
  const [, version = '', protocol = '', rest = ''] = /^([46]?)([^@:]*)(.*)$/.exec(text) ?? [];
  const netid = protocol.toLowerCase();
  if (netid !== '' && netid !== 'tcp' && netid !== 'udp')
    throw new LsofError(`unknown protocol name (${version}${protocol}) in: -i ${text}`);
  const m = /^(?:@(\[[^\]]*\]|[^:]*))?(?::(.*))?$/.exec(rest);
  if (m === null) throw new LsofError(`unacceptable Internet address in: -i ${text}`);
  const addrs = m[1] === undefined ? undefined : await hosts(proc, m[1], text);
  const ports = m[2] === undefined ? undefined : portRanges(proc, m[2], netid, text);
  const family = version === '4' ? 'inet' : version === '6' ? 'inet6' : undefined;
  const isEnd = ({ addr, port }: SockAddr): boolean =>
    (addrs === undefined || addrs.some((a) => sameInet(a, addr))) &&
    (ports === undefined || ports.some(([first, last]) => port >= first && port <= last));
  return (info) =>
    (netid === '' || info.netid === netid) &&
    (family === undefined || info.family === family) &&
    (isEnd(info.local) || isEnd(info.remote));
}

async function hosts(proc: Process, given: string, text: string): Promise<InetAddr[]> {
  const name = given.replace(/^\[|\]$/g, '');
  const addr = parseInet(name);
  if (addr !== undefined) return [addr];
  const found = await resolve(proc, name);
  if ('error' in found) throw new LsofError(`unknown host name (${name}) in: -i ${text}`);
  return found.addrs.map((a) => a.addr);
}

function portRanges(proc: Process, list: string, netid: string, text: string): Range[] {
  if (list === '') throw new LsofError(`unacceptable port specification in: -i ${text}`);
  return list.split(',').flatMap((item): Range[] => {
    const m = /^(\d+)(?:-(\d+))?$/.exec(item);
    if (m !== null) return [[Number(m[1]), Number(m[2] ?? m[1])]];
    const found = (netid === '' ? ['tcp', 'udp'] : [netid])
      .map((p) => serviceByName(proc.fs, item, p)?.port)
      .filter((p) => p !== undefined);
    if (found.length === 0) throw new LsofError(`unknown service ${item} in: -i ${text}`);
    return found.map((p) => [p, p]);
  });
}
