import { formatIpv4, type Ipv4Addr, ipv4Mask, parseIpv4 } from '@labwire/core/addr';
import type { IfaceStanza, Option } from './interfaces-file.ts';

/** A stanza that misses something: the words behind `ifup: `. */
export class MissingOption extends Error {}

/** A stanza's options with what follows from them. */
export function completed({ family, method, options }: IfaceStanza): Option[] {
  const get = (name: string) => options.find((o) => o.name === name)?.value;
  if (method !== 'static') return [...options];
  const address = get('address');
  if (address === undefined) return [...options];
  const [head = '', length] = address.split('/');
  const found = options.map((o) => (o.name === 'address' ? { ...o, value: head } : o));
  if (family === 'inet6') return completed6(found, length ?? get('netmask') ?? '64');
  const mask = maskOf(head, length ?? get('netmask'));
  const rest = found.filter((o) => o.name !== 'netmask');
  const bare = parseIpv4(head);
  const bits = parseIpv4(mask);
  const hasBroadcast = get('broadcast') !== undefined;
  if (!hasBroadcast && bare !== undefined && bits !== undefined && ~bits >>> 0 > 1)
    rest.push({ name: 'broadcast', value: formatIpv4((bare | ~bits) as Ipv4Addr) });
  rest.push({ name: 'netmask', value: mask });
  return rest;
}

/** What inet6.defn sets of its own accord. */
function completed6(options: readonly Option[], length: string): Option[] {
  const has = (name: string) => options.some((o) => o.name === name);
  const own: Option[] = [
    { name: 'autoconf', value: '0' },
    { name: 'preferred-lifetime', value: '' },
    { name: 'dad-attempts', value: '60' },
    { name: 'dad-interval', value: '0.1' },
    { name: 'netmask', value: length },
    ...(has('gateway') ? [{ name: 'accept_ra', value: '0' }] : []),
  ];
  const kept = options.filter((o) => o.name !== 'netmask');
  return [...kept, ...own.filter((o) => !kept.some((k) => k.name === o.name))];
}

/** A mask as dotted quad; by its class for an address that has none. compute_v4_mask() */
function maskOf(address: string, said: string | undefined): string {
  if (said !== undefined) return /^\d{1,2}$/.test(said) ? formatIpv4(ipv4Mask(Number(said))) : said;
  const addr = parseIpv4(address);
  if (addr === undefined) return address;
  const top = addr >>> 24;
  return formatIpv4(ipv4Mask(top < 128 ? 8 : top < 192 ? 16 : 24));
}

/** The commands that a stanza's method runs, before what the stanza itself says. Empty ones are those whose options are not there. */
export interface MethodCommands {
  readonly up: readonly string[];
  readonly down: readonly string[];
}

/** The commands of a stanza. Source: ifupdown inet.defn, inet6.defn @throws MissingOption */
export function methodCommands(
  stanza: IfaceStanza,
  iface: string,
  options: readonly Option[],
): MethodCommands {
  const get = (name: string) => options.find((o) => o.name === name)?.value;
  const opt = (name: string, word: string) => {
    const value = get(name);
    return value === undefined ? '' : `${word} ${value}`;
  };
  const hw = get('hwaddress')?.replace(/^ether\s+/, '');
  const link = { mtu: opt('mtu', 'mtu'), hw: hw === undefined ? '' : `address ${hw}` };
  const { family, method } = stanza;
  if (method === 'static' && get('address') === undefined)
    throw new MissingOption('missing required variable: address');
  if (method === 'loopback')
    return { up: [`ip link set dev ${iface} up`], down: [`ip link set dev ${iface} down`] };
  if (family === 'inet') {
    if (method === 'static') return inetStatic(iface, get, opt, link);
    if (method === 'dhcp') return inetDhcp(iface, get, hw);
    return manual(iface, 4, link);
  }
  return inet6(method, iface, get, opt, link);
}

type Get = (name: string) => string | undefined;
type Opt = (name: string, word: string) => string;
interface LinkWords {
  readonly mtu: string;
  readonly hw: string;
}

function inetStatic(iface: string, get: Get, opt: Opt, link: LinkWords): MethodCommands {
  const broadcast = opt('broadcast', 'broadcast');
  const peer = opt('pointopoint', 'peer');
  const scope = opt('scope', 'scope');
  const address = `${get('address')}/${get('netmask')} ${broadcast} \t${peer} ${scope} dev ${iface} label ${iface}`;
  const gateway = get('gateway');
  const via = `default via ${gateway} ${opt('metric', 'metric')} dev ${iface}`;
  return {
    up: [
      `ip addr add ${address}`,
      `ip link set dev ${iface} ${link.mtu} ${link.hw} up`,
      gateway === undefined ? '' : ` ip route add ${via} onlink `,
    ],
    down: [
      gateway === undefined ? '' : ` ip route del ${via} 2>&1 1>/dev/null || true `,
      `ip addr del ${address}`,
      `ip -4 addr flush dev ${iface}`,
      `ip link set dev ${iface} down`,
    ],
  };
}

function inetDhcp(iface: string, get: Get, hw: string | undefined): MethodCommands {
  const files = `-pf /run/dhclient.${iface}.pid -lf /var/lib/dhcp/dhclient.${iface}.leases -I -df /var/lib/dhcp/dhclient6.${iface}.leases ${iface}`;
  const metric = get('metric');
  const env = metric === undefined ? '' : `-e IF_METRIC=${metric}`;
  return {
    up: [
      hw === undefined ? '' : `ip link set dev ${iface} address ${hw}`,
      `CLIENT="-i";  dhclient -4 -v $CLIENT ${files} \t${env}`,
    ],
    down: [`CLIENT="-i";  dhclient -4 -v $CLIENT -r ${files}`, `ip link set dev ${iface} down`],
  };
}

function manual(iface: string, version: 4 | 6, { mtu, hw }: LinkWords): MethodCommands {
  return {
    up: [
      mtu === '' ? '' : `ip link set dev ${iface} ${mtu}`,
      hw === '' ? '' : `ip link set dev ${iface} ${hw}`,
      `ip link set dev ${iface} up 2>/dev/null || true`,
    ],
    down: [
      `ip -${version} addr flush dev ${iface} 2>/dev/null || true`,
      `ip link set dev ${iface} down 2>/dev/null || true`,
    ],
  };
}

function inet6(method: string, iface: string, get: Get, opt: Opt, link: LinkWords): MethodCommands {
  const modprobe = 'modprobe -q net-pf-10 > /dev/null 2>&1 || true # ignore failure.';
  const sysctl = (key: string, value: string | undefined) =>
    value === undefined ? '' : `sysctl -q -e -w net.ipv6.conf.${iface}.${key}=${value}`;
  const privext = sysctl('use_tempaddr', get('privext'));
  const down = `ip link set dev ${iface} down`;
  if (method === 'static') return inet6Static(iface, get, opt, link, [modprobe, privext]);
  if (method === 'auto')
    return {
      up: [
        modprobe,
        privext,
        sysctl('accept_ra', get('accept_ra') ?? '2'),
        sysctl('autoconf', '1'),
        `ip link set dev ${iface} up`,
      ],
      down: [`ip -6 addr flush dev ${iface} scope global`, down],
    };
  if (method === 'dhcp')
    throw new MissingOption('method "dhcp" of inet6 is not supported by Labwire');
  return manual(iface, 6, link);
}

function inet6Static(
  iface: string,
  get: Get,
  opt: Opt,
  link: LinkWords,
  head: readonly string[],
): MethodCommands {
  const sysctl = (key: string, value: string) =>
    `sysctl -q -e -w net.ipv6.conf.${iface}.${key}=${value}`;
  const address = `${get('address')}/${get('netmask')} ${opt('scope', 'scope')} dev ${iface}`;
  const gateway = get('gateway');
  const via = `default via ${gateway} ${opt('metric', 'metric')} dev ${iface}`;
  const acceptRa = get('accept_ra');
  return {
    up: [
      ...head,
      acceptRa === undefined ? '' : sysctl('accept_ra', acceptRa),
      sysctl('autoconf', get('autoconf') ?? '0'),
      '',
      ...(acceptRa === '0' ? [`ip addr flush dev ${iface} mngtmpaddr`] : []),
      `ip link set dev ${iface} ${[link.mtu, link.hw].filter((w) => w !== '').join(' ')} up`,
      `ip -6 addr add ${address} `,
      gateway === undefined ? '' : ` ip -6 route replace ${via} onlink `,
      '/lib/ifupdown/settle-dad.sh',
    ],
    down: [
      gateway === undefined ? '' : ` ip -6 route del ${via} `,
      `ip -6 addr del ${address}`,
      `ip -6 addr flush dev ${iface}`,
      `ip link set dev ${iface} down`,
    ],
  };
}
