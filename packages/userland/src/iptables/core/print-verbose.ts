import type { XtRule } from '@labwire/devices/netfilter';
import { listAddr } from './address.ts';
import type { PrintContext } from './extension.ts';
import { ruleDetails, targetName } from './print-rule.ts';

/** A rule as `iptables -v -A` tells of it, without columns. FMT_PRINT_RULE */
export function verboseRule(r: XtRule, ctx: PrintContext): string {
  const iface = (m: XtRule['iif']): string =>
    m === undefined ? '*' : `${m.invert ? '!' : ''}${m.name}${m.wildcard ? '+' : ''}`;
  const proto =
    r.proto === undefined
      ? 'all'
      : (ctx.names.protocolName(r.proto.number, false) ?? String(r.proto.number));
  const frag = r.fragment === undefined ? '--' : r.fragment.invert ? '!f' : '-f';
  let line = `${targetName(r)} ${r.proto?.invert === true ? '!' : ' '}${proto} opt ${frag} in ${iface(r.iif)} out ${iface(r.oif)} `;
  line += `${r.src?.invert === true ? '!' : ' '}${listAddr(r.src, ctx.family, true)} `;
  line += `${r.dst?.invert === true ? '!' : ' '}-> ${listAddr(r.dst, ctx.family, true)} `;
  return `${line} ${ruleDetails(r, ctx)}\n`;
}
