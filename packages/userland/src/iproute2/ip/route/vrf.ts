import type { Context } from '../../context/index.ts';
import { invalidArgument } from '../../parse/index.ts';

const RT_TABLE_MAIN = 254;

/** The table of a VRF device; `default` is the main one. Source: iproute2 ip/iplink_vrf.c, ipvrf_get_table(). @throws Exit */
export function vrfTable(ctx: Context, name: string): number {
  const link = ctx.linkNamed(name);
  if (link === undefined && name === 'default') return RT_TABLE_MAIN;
  const table = link?.kind === 'vrf' ? Number(link.infoData?.table ?? 0) : 0;
  if (table === 0) throw invalidArgument('Invalid VRF\n', name);
  return table;
}
