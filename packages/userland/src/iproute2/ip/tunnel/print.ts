import { formatIpv4, type Ipv4Addr } from '@labwire/core/addr';
import { GRE_CSUM, GRE_KEY, GRE_SEQ } from '@labwire/devices/link';
import type { LinkInfo } from '@labwire/devices/rtnetlink';
import type { Context } from '../../context/index.ts';

const IPPROTO_IPIP = 4;
const IPPROTO_IPV6 = 41;

type Info = NonNullable<LinkInfo['infoData']>;

/** What a tunnel carries, over what. Source: iproute2 ip/tunnel.c, tnl_strproto(). */
function modeOf(link: LinkInfo, info: Info): string {
  if (link.kind === 'gre') return 'gre/ip';
  const proto = Number(info.proto);
  return proto === IPPROTO_IPIP ? 'ip/ip' : proto === IPPROTO_IPV6 ? 'ipv6/ip' : 'any/ip';
}

function end(addr: unknown): string {
  return Number(addr) === 0 ? 'any' : formatIpv4(Number(addr) as Ipv4Addr);
}

/** Source: iproute2 ip/iptunnel.c, print_tunnel(). */
export function printTunnel(ctx: Context, link: LinkInfo): void {
  const { printer, names } = ctx;
  const info = link.infoData ?? {};
  printer.openObject();
  printer.field('ifname', '%s: ', link.name, 'ifname');
  printer.field('mode', '%s ', modeOf(link, info));
  printer.field('remote', 'remote %s ', end(info.remote));
  printer.field('local', 'local %s', end(info.local));
  if (Number(info.link) !== 0) printer.field('dev', ' dev %s', ctx.nameOf(Number(info.link)));
  if (Number(info.ttl) !== 0) printer.field('ttl', ' ttl %u', Number(info.ttl));
  else printer.text(' ttl inherit');
  const tos = Number(info.tos);
  if (tos !== 0) {
    const own = (tos & ~1) === 0 ? '' : names.dsfieldName(tos & ~1);
    const text = (tos & 1) === 0 ? own : own === '' ? 'inherit' : `inherit/${own}`;
    printer.field('tos', ' tos %s', text);
  }
  if (Number(info.pmtudisc) === 0) {
    printer.json('pmtudisc', false);
    printer.text(' nopmtudisc');
  }
  if (info['6rd_prefix'] !== undefined) {
    printer.json('6rd-prefix', '2002::');
    printer.json('6rd-prefixlen', 16);
    printer.text(' 6rd-prefix 2002::/16');
  }
  if (link.kind === 'gre') printGreFlags(ctx, info);
  if (ctx.options.stats > 0) printStats(ctx, link);
  printer.text('\n');
  printer.closeObject();
}

/** Source: iproute2 ip/tunnel.c, tnl_print_gre_flags(). */
function printGreFlags({ printer }: Context, info: Info): void {
  const [iflags, oflags] = [Number(info.iflags), Number(info.oflags)];
  const [hasI, hasO] = [(iflags & GRE_KEY) !== 0, (oflags & GRE_KEY) !== 0];
  if (hasI && hasO && info.ikey === info.okey) printer.field('key', ' key %u', Number(info.ikey));
  else {
    if (hasI) printer.field('ikey', ' ikey %u', Number(info.ikey));
    if (hasO) printer.field('okey', ' okey %u', Number(info.okey));
  }
  const rows: readonly (readonly [key: string, words: string, set: boolean])[] = [
    ['rx_drop_ooseq', 'Drop packets out of sequence.', (iflags & GRE_SEQ) !== 0],
    ['rx_csum', 'Checksum in received packet is required.', (iflags & GRE_CSUM) !== 0],
    ['tx_seq', 'Sequence packets on output.', (oflags & GRE_SEQ) !== 0],
    ['tx_csum', 'Checksum output packets.', (oflags & GRE_CSUM) !== 0],
  ];
  for (const [key, words, set] of rows) {
    if (!set) continue;
    printer.json(key, true);
    printer.text(`\n  ${words}`);
  }
}

const pad = (n: number, width: number): string => String(n).padEnd(width);

/** Source: iproute2 ip/tunnel.c, tnl_print_stats(). */
function printStats({ printer }: Context, { stats: s }: LinkInfo): void {
  const rx = `${pad(s.rxPackets, 10)} ${pad(s.rxBytes, 12)} ${pad(s.rxErrors, 6)} ${pad(0, 8)} ${pad(0, 8)} ${pad(s.multicast, 8)}`;
  const tx = `${pad(s.txPackets, 10)} ${pad(s.txBytes, 12)} ${pad(s.txErrors, 6)} ${pad(s.collisions, 8)} ${pad(s.txCarrierErrors, 8)} ${pad(s.txDropped, 6)}`;
  printer.text(
    `\nRX: Packets    Bytes        Errors CsumErrs OutOfSeq Mcasts\n    ${rx}` +
      `\nTX: Packets    Bytes        Errors DeadLoop NoRoute  NoBufs\n    ${tx}`,
  );
}
