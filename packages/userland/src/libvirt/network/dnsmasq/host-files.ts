import { formatInet } from '../../../libc-net/index.ts';
import { isIpv4, type NetworkDef, type NetworkIp, servesDhcp } from '../conf/index.ts';
import { dnsmasqLeaseTime } from './lease-time.ts';

/** The addresses that serve DHCP: at most one of each family. */
export function dhcpAddresses(def: NetworkDef): {
  readonly ipv4: NetworkIp | undefined;
  readonly ipv6: NetworkIp | undefined;
} {
  const serving = def.ips.filter(servesDhcp);
  return {
    ipv4: serving.find((ip) => isIpv4(ip.address)),
    ipv6: serving.find((ip) => !isIpv4(ip.address)),
  };
}

/** What NETWORK.hostsfile holds: who gets which address. dnsmasqDhcpHostsToString() */
export function hostsFile(def: NetworkDef): string {
  const { ipv4, ipv6 } = dhcpAddresses(def);
  return [ipv4, ipv6].flatMap((ip) => (ip === undefined ? [] : hostLines(ip))).join('');
}

/** networkBuildDnsmasqDhcpHostsList(), addDhcpHost() */
function hostLines(ip: NetworkIp): string[] {
  return ip.hosts.map((host) => {
    const v6 = !isIpv4(ip.address);
    const address = host.ip === undefined ? '' : formatInet(host.ip);
    const parts: (string | undefined)[] = v6
      ? [host.id === undefined ? undefined : `id:${host.id}`, host.name, `[${address}]`]
      : [host.mac, ...(host.mac === undefined ? [host.name, address] : [address, host.name])];
    return `${[...parts, dnsmasqLeaseTime(host.lease)].filter((p) => p !== undefined).join(',')}\n`;
  });
}

/** What NETWORK.addnhosts holds: names that the network gives to addresses. genericFileWrite of addnhosts */
export function additionalHosts(def: NetworkDef): string {
  return def.dns.hosts
    .map(
      ({ ip, names }) =>
        `${ip === undefined ? '' : formatInet(ip)}\t${names.map((n) => `${n}\t`).join('')}\n`,
    )
    .join('');
}
