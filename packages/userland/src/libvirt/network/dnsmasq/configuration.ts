import { formatInet } from '../../../libc-net/index.ts';
import {
  isIpv4,
  type NetworkDef,
  type NetworkIp,
  prefixOfIp,
  prefixToNetmask,
  rangeSize,
  servesDhcp,
} from '../conf/index.ts';
import { dhcpAddresses } from './host-files.ts';
import { dnsmasqLeaseTime } from './lease-time.ts';
import { localPtrLines } from './local-ptr.ts';

/** Where dnsmasq finds what belongs to a network. */
export interface DnsmasqPaths {
  readonly pid: string;
  readonly hosts: string;
  readonly additionalHosts: string;
}

/** dnsmasq's configuration of a network. networkDnsmasqConfContents() @throws LibvirtError */
export function dnsmasqConfiguration(def: NetworkDef, paths: DnsmasqPaths): string {
  const dns = def.dns.enable !== 'no';
  const { ipv4, ipv6 } = dhcpAddresses(def);
  const served = [ipv4, ipv6].filter((ip) => ip !== undefined);
  const leases = served.reduce((sum, ip) => sum + leaseCount(ip), 0);
  const lines = [
    ...header(def),
    'strict-order',
    ...(dns ? forwarderLines(def) : ['port=0']),
    ...domainLines(def),
    ...(dns ? localPtrLines(def) : []),
    ...(dns && def.dns.forwardPlainNames === 'no' ? ['domain-needed', 'local=//'] : []),
    `pid-file=${paths.pid}`,
    'except-interface=lo',
    'bind-dynamic',
    `interface=${def.bridge}`,
    ...(def.forward.mode === 'none' ? ['dhcp-option=3', 'no-resolv', 'ra-param=*,0,0'] : []),
    ...(dns ? recordLines(def) : []),
    ...tftpLines(def),
    ...served.flatMap(dhcpLines),
    ...(leases > 0 ? [`dhcp-lease-max=${leases}`] : []),
    ...(served.length > 0 ? [`dhcp-hostsfile=${paths.hosts}`] : []),
    ...(dns ? [`addn-hosts=${paths.additionalHosts}`] : []),
    ...(def.mtu > 0 ? [`dhcp-option=option:mtu,${def.mtu}`] : []),
    ...routerLines(def, ipv6),
    ...def.dnsmasqOptions,
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function header({ name }: NetworkDef): string[] {
  return [
    '##WARNING:  THIS IS AN AUTO-GENERATED FILE. CHANGES TO IT ARE LIKELY TO BE',
    '##OVERWRITTEN AND LOST.  Changes to this configuration should be made using:',
    `##    virsh net-edit ${name}`,
    '## or other application using the libvirt API.',
    '##',
    '## dnsmasq conf file created by libvirt',
  ];
}

function forwarderLines({ dns }: NetworkDef): string[] {
  const lines = dns.forwarders.map(({ domain, addr }) => {
    const scope = domain === undefined ? '' : `/${domain}/`;
    return `server=${scope}${addr === undefined ? '#' : formatInet(addr)}`;
  });
  const all = dns.forwarders.some(({ domain, addr }) => domain === undefined && addr !== undefined);
  return all ? [...lines, 'no-resolv'] : lines;
}

function domainLines({ domain, domainLocalOnly }: NetworkDef): string[] {
  if (domain === undefined) return [];
  const local = domainLocalOnly === 'yes' ? [`local=/${domain}/`] : [];
  return [...local, `domain=${domain}`, 'expand-hosts'];
}

function recordLines({ dns }: NetworkDef): string[] {
  const txts = dns.txts.map(({ name, value }) => `txt-record=${name},${value}`);
  const srvs = dns.srvs.map((srv) => {
    const name = `_${srv.service}._${srv.protocol}${srv.domain === undefined ? '' : `.${srv.domain}`}`;
    if (srv.target === undefined || srv.target === '.') return `srv-host=${name}`;
    const { port, priority, weight } = srv;
    const numbers =
      weight > 0
        ? [port || 1, priority, weight]
        : priority > 0
          ? [port || 1, priority]
          : port > 0
            ? [port]
            : [];
    return ['srv-host='.concat(name), srv.target, ...numbers].join(',');
  });
  return [...txts, ...srvs];
}

function tftpLines({ ips }: NetworkDef): string[] {
  const roots = ips.flatMap((ip) =>
    isIpv4(ip.address) && ip.tftpRoot !== undefined ? [`tftp-root=${ip.tftpRoot}`] : [],
  );
  return roots.length === 0 ? [] : ['enable-tftp', ...roots];
}

/** networkDnsmasqConfDHCP() */
function dhcpLines(ip: NetworkIp): string[] {
  const v4 = isIpv4(ip.address);
  const prefix = prefixOfIp(ip);
  const lines = ip.ranges.map((range) => {
    const scope = v4 ? formatInet(prefixToNetmask(prefix)) : prefix;
    const parts = [formatInet(range.start), formatInet(range.end), scope];
    return `dhcp-range=${[...parts, dnsmasqLeaseTime(range.lease)].filter((p) => p !== undefined).join(',')}`;
  });
  if (lines.length === 0)
    lines.push(`dhcp-range=${formatInet(ip.address)},static${v4 ? '' : `,${prefix}`}`);
  if (!v4) return lines;
  lines.push('dhcp-no-override', 'dhcp-authoritative');
  if (ip.bootFile !== undefined) {
    const server = ip.bootServer === undefined ? '' : `,,${formatInet(ip.bootServer)}`;
    lines.push(`dhcp-boot=${ip.bootFile}${server}`);
  }
  return lines;
}

function leaseCount(ip: NetworkIp): number {
  const network = { address: ip.address, prefix: prefixOfIp(ip) };
  return ip.ranges.reduce((sum, { start, end }) => sum + rangeSize(start, end, network), 0);
}

/** Router advertisements: with DHCPv6 or without. */
function routerLines({ ips }: NetworkDef, ipv6: NetworkIp | undefined): string[] {
  if (ipv6 !== undefined) return ['enable-ra'];
  return ips
    .filter((ip) => !isIpv4(ip.address) && !servesDhcp(ip))
    .map((ip) => `dhcp-range=${formatInet(ip.address)},ra-only`);
}
