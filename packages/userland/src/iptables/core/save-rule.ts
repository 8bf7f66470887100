/** Rules as the options that make them: `iptables -S`, `iptables-save`. iptables/nft-shared.c, nft_rule_save(). */
import type { IfaceMatch, XtChain, XtRule } from '@labwire/devices/netfilter';
import { saveAddr } from './address.ts';
import type { PrintContext } from './extension.ts';
import { matchFor, targetFor } from './registry.ts';

function iface(option: string, m: IfaceMatch | undefined): string {
  if (m === undefined) return '';
  return `${m.invert ? ' !' : ''} ${option} ${m.name}${m.wildcard ? '+' : ''}`;
}

function end(option: string, m: XtRule['src']): string {
  return m === undefined ? '' : `${m.invert ? ' !' : ''} ${option} ${saveAddr(m)}`;
}

function protocol(r: XtRule, ctx: PrintContext): string {
  if (r.proto === undefined) return '';
  const name = ctx.names.protocolName(r.proto.number, true) ?? String(r.proto.number);
  return `${r.proto.invert ? ' !' : ''} -p ${name}`;
}

function target(r: XtRule, ctx: PrintContext): string {
  const t = r.target;
  if (t === undefined) return '';
  switch (t.kind) {
    case 'verdict':
      return ` -j ${t.verdict}`;
    case 'jump':
      return ` -j ${t.chain}`;
    case 'goto':
      return ` -g ${t.chain}`;
    default: {
      const ext = targetFor(t, ctx.family);
      const name = ext?.savedName?.(t) ?? ext?.name ?? t.kind;
      return ` -j ${name}${ext?.save(t, ctx) ?? ''}`;
    }
  }
}

/** A rule's options, each with a blank before it; `withCounters` puts -c before the target. */
export function ruleOptions(r: XtRule, ctx: PrintContext, withCounters: boolean): string {
  let text =
    end('-s', r.src) +
    end('-d', r.dst) +
    iface('-i', r.iif) +
    iface('-o', r.oif) +
    protocol(r, ctx);
  if (r.fragment !== undefined) text += r.fragment.invert ? ' ! -f' : ' -f';
  for (const m of r.matches) {
    const ext = matchFor(m, ctx.family);
    text += ` -m ${ext.name}${ext.save(m, ctx)}`;
  }
  const { packets, bytes } = r.counters;
  return `${text}${withCounters ? ` -c ${packets} ${bytes}` : ''}${target(r, ctx)}`;
}

/** `-A CHAIN …`; with counters as iptables-save -c prints them in front, or as -S -v does before the target. */
export function saveRule(
  chain: string,
  r: XtRule,
  ctx: PrintContext,
  counters: 'none' | 'front' | 'inside',
): string {
  const { packets, bytes } = r.counters;
  const front = counters === 'front' ? `[${packets}:${bytes}] ` : '';
  return `${front}-A ${chain}${ruleOptions(r, ctx, counters === 'inside')}\n`;
}

/** `-P CHAIN POLICY` or `-N CHAIN`. */
export function saveChain(c: XtChain, withCounters: boolean): string {
  if (c.policy === undefined) return `-N ${c.name}\n`;
  const { packets, bytes } = c.counters;
  return `-P ${c.name} ${c.policy}${withCounters ? ` -c ${packets} ${bytes}` : ''}\n`;
}
