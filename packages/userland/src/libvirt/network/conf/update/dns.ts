import { sameInet } from '../../../../libc-net/index.ts';
import type { DnsHost, DnsSrv, NetworkDef } from '../definition.ts';
import { parseDnsHost, parseDnsSrv, parseDnsTxt } from '../parse-dns.ts';
import {
  checkElement,
  inserted,
  invalid,
  isAdd,
  type SectionUpdate,
  type UpdateCommand,
  unsupported,
  without,
} from './section.ts';

function checkCommand(command: UpdateCommand, what: string): void {
  if (command === 'modify')
    throw unsupported(`DNS ${what} records cannot be modified, only added or deleted`);
}

/** Adds a record or takes the one that matches away. */
function change<T>(
  def: NetworkDef,
  command: UpdateCommand,
  list: readonly T[],
  record: T,
  how: {
    readonly matches: (r: T) => boolean;
    readonly exists: string;
    readonly none: string;
    readonly many: string;
  },
): T[] {
  const found = list.flatMap((r, i) => (how.matches(r) ? [i] : []));
  if (isAdd(command)) {
    if (found.length > 0) throw invalid(`${how.exists} in network ${def.name}`);
    return inserted(list, record, command);
  }
  const [only] = found;
  if (only === undefined) throw invalid(`${how.none} in network ${def.name}`);
  if (found.length > 1) throw invalid(`${how.many} in network ${def.name}`);
  return without(list, only);
}

/** Whether a record has the address or, unless one is to be added, one of the names. */
function matchesHost(wanted: DnsHost, host: DnsHost, adding: boolean): boolean {
  if (
    wanted.ip === undefined
      ? host.ip === undefined
      : host.ip !== undefined && sameInet(wanted.ip, host.ip)
  )
    return true;
  return !adding && wanted.names.some((n) => host.names.includes(n));
}

/** `dns-host`. virNetworkDefUpdateDNSHost() */
export const updateDnsHost: SectionUpdate = (def, { command, element }) => {
  checkCommand(command, 'HOST');
  checkElement(def, element, 'host');
  const host = parseDnsHost(def.name, element, !isAdd(command));
  const hosts = change(def, command, def.dns.hosts, host, {
    matches: (h) => matchesHost(host, h, isAdd(command)),
    exists: 'there is already at least one DNS HOST record with a matching field',
    none: "couldn't locate a matching DNS HOST record",
    many: 'multiple matching DNS HOST records were found',
  });
  def.dns = { ...def.dns, hosts };
};

function matchesSrv(wanted: DnsSrv, srv: DnsSrv): boolean {
  return (['domain', 'service', 'protocol', 'target'] as const).every(
    (key) => wanted[key] === undefined || wanted[key] === srv[key],
  );
}

/** `dns-srv`. virNetworkDefUpdateDNSSrv() */
export const updateDnsSrv: SectionUpdate = (def, { command, element }) => {
  checkCommand(command, 'SRV');
  checkElement(def, element, 'srv');
  const srv = parseDnsSrv(def.name, element, !isAdd(command));
  const srvs = change(def, command, def.dns.srvs, srv, {
    matches: (s) => matchesSrv(srv, s),
    exists: 'there is already at least one DNS SRV record matching all specified fields',
    none: "couldn't locate a matching DNS SRV record",
    many: 'multiple DNS SRV records matching all specified fields were found',
  });
  def.dns = { ...def.dns, srvs };
};

/** `dns-txt`. virNetworkDefUpdateDNSTxt() */
export const updateDnsTxt: SectionUpdate = (def, { command, element }) => {
  checkCommand(command, 'TXT');
  checkElement(def, element, 'txt');
  const txt = parseDnsTxt(def.name, element, !isAdd(command));
  const txts = change(def, command, def.dns.txts, txt, {
    matches: (t) => t.name === txt.name,
    exists: `there is already a DNS TXT record with name '${txt.name}'`,
    none: "couldn't locate a matching DNS TXT record",
    many: '',
  });
  def.dns = { ...def.dns, txts };
};
