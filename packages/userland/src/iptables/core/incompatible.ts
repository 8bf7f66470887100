/** What nft has made in the tables that share their names with those of iptables. iptables/nft.c, nft_is_table_compatible() */
import { TABLE_HOOKS, type XtTableName } from '@labwire/devices/netfilter';
import type { Netns } from '@labwire/devices/netns';
import type { Family } from '@labwire/devices/rtnetlink';

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
