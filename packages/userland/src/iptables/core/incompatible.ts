/** What nft has made in the tables that share their names with those of iptables. iptables/nft.c, nft_is_table_compatible() */
import {
  type NftChain,
  type NftExpr,
  type NftStmt,
  TABLE_HOOKS,
  type XtTableName,
} from '@labwire/devices/netfilter';
import type { Netns } from '@labwire/devices/netns';
import type { Family } from '@labwire/devices/rtnetlink';
import { IptablesError, OTHER_PROBLEM } from './error.ts';

/** The line that listings begin with if a table has base chains that are not iptables' own; empty if it has none. */
export function incompatibleNote(netns: Netns, family: Family, name: XtTableName): string {
  const table = netns.netfilter.nft.find(family === 'inet' ? 'ip' : 'ip6', name);
  const own: readonly string[] = TABLE_HOOKS[name].hooks;
  const foreign = [...(table?.chains.values() ?? [])].some(
    (c) => c.base !== undefined && !own.includes(c.name),
  );
  return foreign
    ? `# Table \`${name}' contains incompatible base-chains, use 'nft' tool to list them.\n`
    : '';
}

/** Expressions that iptables knows. iptables/nft.c, supported_exprs */
function isKnownExpr(e: NftExpr): boolean {
  if (e.kind === 'binop') return isKnownExpr(e.left);
  if (e.kind === 'concat') return e.parts.every(isKnownExpr);
  return e.kind === 'payload' || e.kind === 'meta';
}

function isKnown(s: NftStmt): boolean {
  switch (s.kind) {
    case 'match':
      return isKnownExpr(s.left);
    case 'counter':
      return true;
    case 'verdict':
      return s.expr.kind === 'verdict';
    case 'limit':
      return s.of === 'packets' && !s.over;
    case 'log':
      return s.group !== undefined;
    default:
      return false;
  }
}

/** Chains that iptables looks at: those that it could have made. */
function looked(netns: Netns, family: Family, name: XtTableName): NftChain[] {
  const table = netns.netfilter.nft.find(family === 'inet' ? 'ip' : 'ip6', name);
  const own: readonly string[] = TABLE_HOOKS[name].hooks;
  return [...(table?.chains.values() ?? [])].filter(
    (c) => c.base === undefined || own.includes(c.name),
  );
}

/** Whether nft has put something into a table that iptables can't show. `nft_is_table_compatible()` */
export function isIncompatible(netns: Netns, family: Family, name: XtTableName): boolean {
  return looked(netns, family, name).some((c) => c.rules.some((r) => !r.stmts.every(isKnown)));
}

/** @throws IptablesError if a listing would be wrong: what nft has made in the table is not iptables' */
export function requireCompatible(netns: Netns, family: Family, name: XtTableName): void {
  if (isIncompatible(netns, family, name))
    throw new IptablesError(OTHER_PROBLEM, `table \`${name}' is incompatible, use 'nft' tool.`);
  if (looked(netns, family, name).some((c) => c.rules.length > 0))
    throw new IptablesError(
      OTHER_PROBLEM,
      `Labwire does not list what nft has made in table \`${name}', use 'nft' tool.`,
    );
}
