import { formatIpv4, formatMac, type Ipv4Addr, type MacAddr } from '@labwire/core/addr';
import type { LinkInfo } from '@labwire/devices/rtnetlink';
import type { Context } from '../../context/index.ts';
import type { AnyFamily } from '../../parse/index.ts';
import { operStateColor } from '../../print/index.ts';
import { netnsOfId } from '../netns/index.ts';
import { printLinkFlags } from './flags.ts';
import { LINK_KINDS } from './kind/index.ts';
import { printLinkStats } from './stats.ts';

/** How devices are shown. */
export interface LinkView {
  /** By `ip link`, not by `ip address`. */
  readonly isLink: boolean;
  /** `ip link` shows the family `link`. */
  readonly family: AnyFamily;
  /** Without the length of its queue. */
  readonly noQueue?: boolean;
}

const IFF_UP = 0x1;
const IFF_POINTOPOINT = 0x10;
/** A device without addresses of its own. */
const ARPHRD_NONE = 65_534;
/** ARPHRD_* names. Source: iproute2 lib/ll_types.c. */
const LINK_TYPES: Readonly<Record<number, string>> = {
  1: 'ether',
  512: 'ppp',
  768: 'ipip',
  769: 'tunnel6',
  772: 'loopback',
  776: 'sit',
  778: 'gre',
  65534: 'none',
};
/** Devices whose hardware address is an IPv4 address: tunnels. */
const IPV4_LINKS: readonly number[] = [768, 776, 778];
/** IN6_ADDR_GEN_MODE_* by number. */
export const ADDR_GEN_MODES: readonly string[] = ['eui64', 'none', 'stable_secret', 'random'];
const LINK_MODES: readonly string[] = ['DEFAULT', 'DORMANT'];

/**
 * Prints a device's name with what is at its other end. Source: iproute2 lib/utils.c, print_name_and_link().
 * @returns whether that is a device of this namespace and down
 */
export function printNameAndLink(ctx: Context, fmt: string, link: LinkInfo): boolean {
  const { printer } = ctx;
  const index = link.linkIfindex;
  let other: string | undefined;
  let down = false;
  if (index === 0) {
    printer.json('link', null);
    other = 'NONE';
  } else if (index !== undefined && link.linkNetnsid !== undefined) {
    printer.json('link_index', index);
    other = `if${index}`;
  } else if (index !== undefined) {
    other = ctx.nameOf(index);
    printer.json('link', other);
    const there = ctx.link(index);
    down = there !== undefined && (there.flags & IFF_UP) === 0;
  }
  const text = printer.isJson || other === undefined ? link.name : `${link.name}@${other}`;
  printer.field('ifname', fmt, text, 'ifname');
  return down;
}

function printBrief(ctx: Context, link: LinkInfo, view: LinkView): void {
  const { printer } = ctx;
  const down = printNameAndLink(ctx, '%-16s ', link);
  printer.field('operstate', '%-14s ', link.operState, operStateColor(link.operState));
  if (view.family !== 'link') return;
  if (link.arphrd !== ARPHRD_NONE)
    printer.field('address', '%s ', linkAddrText(link, link.addr), 'mac');
  printLinkFlags(printer, link.flags, down);
  printer.text('\n');
}

function printHead(ctx: Context, link: LinkInfo, view: LinkView): void {
  const { printer, names } = ctx;
  printer.field('ifindex', '%d: ', link.ifindex);
  const down = printNameAndLink(ctx, '%s: ', link);
  printLinkFlags(printer, link.flags, down);
  printer.field('mtu', 'mtu %u ', link.mtu);
  printer.field('qdisc', 'qdisc %s ', link.qdisc);
  if (link.masterIfindex !== undefined)
    printer.field('master', 'master %s ', ctx.nameOf(link.masterIfindex));
  printer.text('state ');
  printer.field('operstate', '%s ', link.operState, operStateColor(link.operState));
  if (view.isLink) printer.field('linkmode', 'mode %s ', LINK_MODES[link.linkMode] ?? '');
  printer.field('group', 'group %s ', names.groupName(link.group));
  if (link.txQueueLen !== 0 && view.noQueue !== true)
    printer.field('txqlen', 'qlen %d', link.txQueueLen);
}

/** Whether hardware addresses of a device are IPv4 addresses. */
export function hasIpv4Address(link: LinkInfo | undefined): boolean {
  return link !== undefined && IPV4_LINKS.includes(link.arphrd);
}

/** A hardware address, as a device of its kind has it. Source: iproute2 lib/ll_addr.c, ll_addr_n2a(). */
export function linkAddrText(link: LinkInfo | undefined, addr: MacAddr): string {
  if (!hasIpv4Address(link)) return formatMac(addr);
  return formatIpv4((Math.floor(addr / 0x1_0000) | 0) as Ipv4Addr);
}

function printAddresses(ctx: Context, link: LinkInfo): void {
  const { printer } = ctx;
  printer.nl();
  const type = ctx.options.numeric ? undefined : LINK_TYPES[link.arphrd];
  printer.field('link_type', '    link/%s ', type ?? `[${link.arphrd}]`);
  if (link.arphrd === ARPHRD_NONE) return;
  printer.field('address', '%s', linkAddrText(link, link.addr), 'mac');
  const pointToPoint = (link.flags & IFF_POINTOPOINT) !== 0;
  printer.text(pointToPoint ? ' peer ' : ' brd ');
  if (pointToPoint) printer.json('link_pointtopoint', true);
  printer.field('broadcast', '%s', linkAddrText(link, link.broadcast), 'mac');
  if (link.permAddr === undefined || link.permAddr === link.addr) return;
  printer.text(' permaddr ');
  printer.field('permaddr', '%s', formatMac(link.permAddr), 'mac');
}

function printLinkNetns(ctx: Context, id: number): void {
  const { printer } = ctx;
  printer.json('link_netnsid', id);
  const name = id < 0 ? undefined : netnsOfId(ctx, id);
  if (name !== undefined) printer.text(` link-netns ${name}`);
  else printer.text(` link-netnsid ${id < 0 ? 'unknown' : id}`);
}

function printKind(ctx: Context, link: LinkInfo): void {
  const { printer } = ctx;
  printer.openObject('linkinfo');
  if (link.kind !== undefined) {
    printer.nl();
    printer.field('info_kind', '    %s ', link.kind);
    const print = LINK_KINDS.get(link.kind)?.print;
    if (print !== undefined) {
      printer.openObject('info_data');
      if (link.infoData !== undefined) print(ctx, link.infoData);
      printer.closeObject();
    }
  }
  if (link.slaveKind !== undefined) {
    printer.nl();
    printer.field('info_slave_kind', '    %s_slave ', link.slaveKind);
    const print = LINK_KINDS.get(`${link.slaveKind}_slave`)?.print;
    if (print !== undefined) {
      printer.openObject('info_slave_data');
      if (link.slaveData !== undefined) print(ctx, link.slaveData);
      printer.closeObject();
    }
  }
  printer.closeObject();
}

function printDetails(ctx: Context, link: LinkInfo, view: LinkView): void {
  const { printer } = ctx;
  printer.field('promiscuity', ' promiscuity %u ', link.promiscuity);
  printer.field('allmulti', ' allmulti %u ', link.allmulti);
  printer.field('min_mtu', 'minmtu %u ', link.minMtu);
  printer.field('max_mtu', 'maxmtu %u ', link.maxMtu);
  if (link.kind !== undefined || link.slaveKind !== undefined) printKind(ctx, link);
  if (view.isLink) {
    const mode = ADDR_GEN_MODES[link.addrGenMode] ?? `0x${link.addrGenMode.toString(16)}`;
    printer.field('inet6_addr_gen_mode', 'addrgenmode %s ', mode);
  }
  printer.field('num_tx_queues', 'numtxqueues %u ', link.numTxQueues);
  printer.field('num_rx_queues', 'numrxqueues %u ', link.numRxQueues);
  const limits = [
    ['gso_max_size', link.gsoMaxSize],
    ['gso_max_segs', link.gsoMaxSegs],
    ['tso_max_size', link.tsoMaxSize],
    ['tso_max_segs', link.tsoMaxSegs],
    ['gro_max_size', link.groMaxSize],
  ] as const;
  for (const [key, value] of limits)
    if (value !== undefined) printer.field(key, `${key} %u `, value);
}

function printAltNames(ctx: Context, link: LinkInfo): void {
  const { printer } = ctx;
  if (link.altNames.length === 0) return;
  printer.openArray('altnames');
  for (const name of link.altNames) {
    printer.text(`${printer.lineEnd}    altname `);
    printer.item('%s', name);
  }
  printer.closeArray();
}

/** Prints one device. Source: iproute2 ip/ipaddress.c, print_linkinfo(). */
export function printLink(ctx: Context, link: LinkInfo, view: LinkView): void {
  const { options, printer } = ctx;
  if (options.brief) {
    printBrief(ctx, link, view);
    return;
  }
  const details = options.details > 0;
  printHead(ctx, link, view);
  if (view.family === undefined || view.family === 'link' || details) printAddresses(ctx, link);
  if (link.linkNetnsid !== undefined) printLinkNetns(ctx, link.linkNetnsid);
  if (details) printDetails(ctx, link, view);
  if ((view.isLink || details) && link.alias !== undefined) {
    printer.text(`${printer.lineEnd}    `);
    printer.field('ifalias', 'alias %s', link.alias);
  }
  if (view.isLink && options.stats > 0) {
    printer.nl();
    printLinkStats(ctx, link);
  }
  printAltNames(ctx, link);
  printer.text('\n');
}
