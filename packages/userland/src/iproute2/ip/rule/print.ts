import type { RuleInfo } from '@labwire/devices/rtnetlink';
import { formatInet } from '../../../libc-net/index.ts';
import type { Context } from '../../context/index.ts';
import { inetProtocolName } from '../../names/index.ts';
import { familyBits } from '../../parse/index.ts';

const RTPROT_KERNEL = 2;
const ALL_BITS = 0xffff_ffff;

function printSource({ printer }: Context, rule: RuleInfo): void {
  if (rule.src === undefined) printer.field('src', 'from %s', 'all');
  else {
    printer.text('from ');
    printer.field('src', '%s', formatInet(rule.src), rule.family);
    if (rule.srcLen !== familyBits(rule.family)) printer.field('srclen', '/%u', rule.srcLen);
  }
}

function printDestination({ printer }: Context, rule: RuleInfo): void {
  if (rule.dst === undefined) return;
  printer.text(' to ');
  printer.field('dst', '%s', formatInet(rule.dst), rule.family);
  if (rule.dstLen !== familyBits(rule.family)) printer.field('dstlen', '/%u', rule.dstLen);
}

function printMark({ printer }: Context, rule: RuleInfo): void {
  const mask = rule.mask >>> 0;
  if (rule.mark === 0 && mask === 0) return;
  printer.hex('fwmark', ' fwmark %#x', rule.mark >>> 0);
  if (mask !== ALL_BITS) printer.hex('fwmask', '/%#x', mask);
}

function printDevices({ printer }: Context, rule: RuleInfo): void {
  const sides = [
    ['iif', rule.iifname, rule.iifDetached],
    ['oif', rule.oifname, rule.oifDetached],
  ] as const;
  for (const [side, name, detached] of sides) {
    if (name === undefined) continue;
    printer.text(` ${side} `);
    printer.field(side, '%s', name, 'ifname');
    if (detached === true) printer.mark(`${side}_detached`, ' [detached]');
  }
}

function printRange({ printer }: Context, name: string, range: RuleInfo['sport']): void {
  if (range === undefined) return;
  if (range.start === range.end) printer.field(name, ` ${name} %u`, range.start);
  else {
    printer.field(`${name}_start`, ` ${name} %u`, range.start);
    printer.field(`${name}_end`, '-%u', range.end);
  }
}

function printSelectors(ctx: Context, rule: RuleInfo): void {
  const { printer, names } = ctx;
  printSource(ctx, rule);
  printDestination(ctx, rule);
  if (rule.tos !== 0) printer.field('tos', ' tos %s', names.dsfieldName(rule.tos));
  printMark(ctx, rule);
  printDevices(ctx, rule);
  if (rule.uidRange !== undefined) {
    printer.field('uid_start', ' uidrange %u', rule.uidRange.start);
    printer.field('uid_end', '-%u', rule.uidRange.end);
  }
  if (rule.ipproto !== 0)
    printer.field('ipproto', ' ipproto %s', inetProtocolName(ctx.proc.fs, rule.ipproto));
  printRange(ctx, 'sport', rule.sport);
  printRange(ctx, 'dport', rule.dport);
}

function printAction(ctx: Context, rule: RuleInfo): void {
  const { printer, names } = ctx;
  if (rule.l3mdev) printer.mark('l3mdev', ' lookup [l3mdev-table]');
  if (rule.table !== 0) {
    printer.field('table', ' lookup %s', names.tableName(rule.table));
    if (rule.suppressPrefixLen >= 0)
      printer.field('suppress_prefixlen', ' suppress_prefixlength %d', rule.suppressPrefixLen);
  }
  if (rule.action === 'goto') {
    printer.field('goto', ' goto %u', rule.goto);
    if (rule.unresolved === true) printer.mark('unresolved', ' [unresolved]');
  } else if (rule.action === 'nop') printer.mark('nop', ' nop');
  else if (rule.action !== 'to_tbl') printer.field('action', ' %s', rule.action);
}

/** Prints one rule. Source: iproute2 ip/iprule.c, print_rule(). */
export function printRule(ctx: Context, rule: RuleInfo): void {
  const { printer, names, options } = ctx;
  printer.openObject();
  printer.field('priority', '%u:\t', rule.priority);
  if (rule.invert) printer.mark('not', 'not ');
  printSelectors(ctx, rule);
  printAction(ctx, rule);
  const { protocol } = rule;
  if ((protocol !== 0 && protocol !== RTPROT_KERNEL) || options.details > 0)
    printer.field('protocol', ' proto %s', names.protocolName(protocol));
  printer.text('\n');
  printer.closeObject();
}
