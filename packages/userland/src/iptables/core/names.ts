import type { Family } from '@labwire/devices/rtnetlink';
import { fileRows } from '../../libc-net/index.ts';
import type { Process } from '../../machine/index.ts';
import type { RuleContext } from './option.ts';

/** What the files of a machine say, whatever the rule. */
export type NameContext = Omit<RuleContext, 'family' | 'proto' | 'table' | 'warn'>;

/** Protocols that iptables knows without looking. libxtables, xtables_chain_protos[] */
const CHAIN_PROTOS: Readonly<Record<string, number>> = {
  tcp: 6,
  sctp: 132,
  udp: 17,
  udplite: 136,
  icmp: 1,
  'ipv6-icmp': 58,
  icmpv6: 58,
  esp: 50,
  ah: 51,
  'ipv6-mh': 135,
  mh: 135,
  all: 0,
};

/** Looks names up in the files of the machine. */
export function nameContext(proc: Process): NameContext {
  const services = (): string[][] => fileRows(proc.fs, '/etc/services', /\s+/);
  const protocols = (): string[][] => fileRows(proc.fs, '/etc/protocols', /\s+/);
  const id = (path: string, name: string): number | undefined => {
    const row = fileRows(proc.fs, path, /:/).find((r) => r[0] === name);
    return row === undefined ? undefined : Number(row[2]);
  };
  return {
    servicePort(name, proto) {
      for (const [own, port = '', ...aliases] of services()) {
        const [number, of] = port.split('/');
        if ((own === name || aliases.includes(name)) && (proto === undefined || of === proto))
          return Number(number);
      }
      return undefined;
    },
    serviceName(port, proto) {
      return services().find((row) => row[1] === `${port}/${proto}`)?.[0];
    },
    protocolNumber(name) {
      const known = CHAIN_PROTOS[name];
      if (known !== undefined) return known;
      const row = protocols().find(([own, , ...aliases]) => own === name || aliases.includes(name));
      return row === undefined ? undefined : Number(row[1]);
    },
    protocolName(proto, lookUp) {
      const row =
        lookUp && proto !== 0 ? protocols().find((r) => Number(r[1]) === proto) : undefined;
      return row?.[0] ?? Object.entries(CHAIN_PROTOS).find(([, n]) => n === proto)?.[0];
    },
    userId: (name) => id('/etc/passwd', name),
    groupId: (name) => id('/etc/group', name),
    userName: (uid) => fileRows(proc.fs, '/etc/passwd', /:/).find((r) => r[2] === String(uid))?.[0],
    groupName: (gid) => fileRows(proc.fs, '/etc/group', /:/).find((r) => r[2] === String(gid))?.[0],
    hasSet: (name) => proc.netns.netfilter.ipsets.find(name) !== undefined,
    idMap(path) {
      if (!proc.fs.exists(path)) return undefined;
      return new Map(fileRows(proc.fs, path, /\s+/).map(([n, name = '']) => [name, Number(n)]));
    },
  };
}

/** Everything that an extension may ask. */
export function ruleContext(
  names: NameContext,
  family: Family,
  table: string,
  proto: RuleContext['proto'],
  warn: RuleContext['warn'],
): RuleContext {
  return { ...names, family, table, proto, warn };
}
