import { LibvirtError } from '../../base/index.ts';
import { isIpv4, type NetworkDef, type NetworkIp, prefixOfIp } from '../conf/index.ts';

/** Which reverse domains dnsmasq answers for alone. networkDnsmasqConfLocalPTRs() @throws LibvirtError for one that is no domain */
export function localPtrLines({ ips }: NetworkDef): string[] {
  return ips.filter((ip) => ip.localPtr === 'yes').map((ip) => `local=/${ptrDomain(ip)}/`);
}

/** virSocketAddrPTRDomain() */
function ptrDomain(ip: NetworkIp): string {
  const prefix = prefixOfIp(ip);
  const v4 = isIpv4(ip.address);
  const step = v4 ? 8 : 4;
  if (prefix < 0 || prefix % step !== 0)
    throw new LibvirtError(
      'config-unsupported',
      `PTR domain for ${v4 ? 'IPv4' : 'IPv6'} network with prefix ${prefix} cannot be automatically created`,
    );
  const labels = v4 ? bytesOf(ip) : nibblesOf(ip);
  const own = labels.slice(0, prefix / step).reverse();
  return [...own, v4 ? 'in-addr.arpa' : 'ip6.arpa'].join('.');
}

function bytesOf({ address }: NetworkIp): string[] {
  const word = isIpv4(address) ? address : 0;
  return [24, 16, 8, 0].map((shift) => String((word >>> shift) & 0xff));
}

function nibblesOf({ address }: NetworkIp): string[] {
  if (isIpv4(address)) return [];
  const words = [address.w0, address.w1, address.w2, address.w3];
  return [...words.map((w) => (w >>> 0).toString(16).padStart(8, '0')).join('')];
}
