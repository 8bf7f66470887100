import { getIpv6, type Ipv4Addr } from '@labwire/core/addr';
import { get16, get32 } from '@labwire/core/bytes';
import { EDNS_DO, type Edns, type EdnsOption } from '@labwire/devices/dns';
import { formatInet } from '../../libc-net/index.ts';

const OPTION_NSID = 3;
const OPTION_SUBNET = 8;
const OPTION_EXPIRE = 9;
const OPTION_COOKIE = 10;
const OPTION_KEEPALIVE = 11;
const OPTION_PADDING = 12;
const OPTION_EDE = 15;

/** RFC 8914 section 5.2 */
const EDE_TEXTS: readonly string[] = [
  'Other',
  'Unsupported DNSKEY Algorithm',
  'Unsupported DS Digest Type',
  'Stale Answer',
  'Forged Answer',
  'DNSSEC Indeterminate',
  'DNSSEC Bogus',
  'Signature Expired',
  'Signature Not Yet Valid',
  'DNSKEY Missing',
  'RRSIGs Missing',
  'No Zone Key Bit Set',
  'NSEC Missing',
  'Cached Error',
  'Not Ready',
  'Blocked',
  'Censored',
  'Filtered',
  'Prohibited',
  'Stale NXDOMAIN Answer',
  'Not Authoritative',
  'Not Supported',
  'No Reachable Authority',
  'Network Error',
  'Invalid Data',
];

const hex = (data: Uint8Array, separator = '') =>
  Array.from(data, (b) => b.toString(16).padStart(2, '0')).join(separator);

const shown = (data: Uint8Array) =>
  Array.from(data, (b) => (b >= 0x20 && b < 0x7f ? String.fromCharCode(b) : '.')).join('');

function subnet(data: Uint8Array): string {
  const length = data[2] ?? 0;
  const scope = data[3] ?? 0;
  const bytes = new Uint8Array(16);
  bytes.set(data.subarray(4, 20));
  const is4 = get16(data, 0) === 1;
  const addr = is4 ? (get32(bytes, 0) as Ipv4Addr) : getIpv6(bytes, 0);
  return `${length === 0 && is4 ? '0.0.0.0' : formatInet(addr)}/${length}/${scope}`;
}

function ede(data: Uint8Array): string {
  const code = get16(data, 0);
  const text = EDE_TEXTS[code];
  const extra = data.length > 2 ? `: (${shown(data.subarray(2))})` : '';
  return `EDE: ${code}${text === undefined ? '' : ` (${text})`}${extra}`;
}

function optionText({ code, data }: EdnsOption): string {
  switch (code) {
    case OPTION_NSID:
      return data.length === 0 ? 'NSID:' : `NSID: ${hex(data, ' ')} ("${shown(data)}")`;
    case OPTION_SUBNET:
      return `CLIENT-SUBNET: ${subnet(data)}`;
    case OPTION_EXPIRE:
      return data.length === 4 ? `EXPIRE: ${get32(data, 0) >>> 0}` : 'EXPIRE:';
    case OPTION_COOKIE:
      return `COOKIE: ${hex(data)}`;
    case OPTION_KEEPALIVE:
      return data.length === 2
        ? `TCP KEEPALIVE: ${(get16(data, 0) / 10).toFixed(1)} secs`
        : 'TCP KEEPALIVE:';
    case OPTION_PADDING:
      return data.length === 0 ? 'PAD:' : `PAD: (${data.length} bytes)`;
    case OPTION_EDE:
      return ede(data);
    default:
      return data.length === 0
        ? `OPT=${code}:`
        : `OPT=${code}: ${hex(data, ' ')} ("${shown(data)}")`;
  }
}

/** The OPT record as the output shows it. BIND lib/dns/message.c, dns_message_pseudosectiontotext() */
export function ednsText(edns: Edns): string {
  const wants = (edns.flags & EDNS_DO) !== 0 ? ' do' : '';
  const rest = edns.flags & ~EDNS_DO & 0xffff;
  const mbz = rest === 0 ? '' : `; MBZ: 0x${rest.toString(16).padStart(4, '0')}`;
  const head = `; EDNS: version: ${edns.version}, flags:${wants}${mbz}; udp: ${edns.udpSize}\n`;
  const options = edns.options.map((o) => `; ${optionText(o)}\n`);
  return `;; OPT PSEUDOSECTION:\n${head}${options.join('')}`;
}
