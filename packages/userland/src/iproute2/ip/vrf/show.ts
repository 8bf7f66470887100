import type { LinkInfo } from '@labwire/devices/rtnetlink';
import type { Context } from '../../context/index.ts';
import { Exit, Failure } from '../../parse/index.ts';
import { VRF_USAGE } from './usage.ts';

const tableOf = (link: LinkInfo): number => Number(link.infoData?.table ?? 0);

/** A VRF by its name; undefined if there is none such. */
export function vrfNamed(ctx: Context, name: string): LinkInfo | undefined {
  const link = ctx.linkNamed(name);
  return link?.kind === 'vrf' ? link : undefined;
}

/** `ip vrf show [NAME]`. Source: iproute2 ip/ipvrf.c, ipvrf_show(). */
export function vrfShow(ctx: Context, words: readonly string[]): number {
  const [name] = words;
  if (words.length > 1) throw new Exit(255, VRF_USAGE);
  if (name === undefined) return showAll(ctx);
  if (name === 'help') throw new Exit(255, VRF_USAGE);
  const link = vrfNamed(ctx, name);
  if (link === undefined) throw new Failure(255, 'Invalid VRF\n');
  ctx.output.out(`${name} ${tableOf(link)}\n`);
  return 0;
}

function showAll(ctx: Context): number {
  const { printer } = ctx;
  printer.begin();
  printer.text('Name              Table\n-----------------------\n');
  const vrfs = ctx.links().filter((link) => link.kind === 'vrf');
  for (const link of vrfs) {
    printer.openObject();
    printer.field('name', '%-16s', link.name);
    printer.field('table', ' %5u\n', tableOf(link));
    printer.closeObject();
  }
  if (vrfs.length === 0) printer.text('No VRF has been configured\n');
  printer.end();
  return 0;
}
