import { KernelError, strerror } from '@labwire/core/error';
import { type AddrInfo, type AddrRequest, addrDel, addrDump } from '@labwire/devices/rtnetlink';
import type { Context } from '../../context/index.ts';
import { Failure } from '../../parse/index.ts';
import {
  IFA_F_SECONDARY,
  parseShowFilter,
  passesAddrFilter,
  printAddr,
  type ShowFilter,
} from '../show/index.ts';
import { ADDR_USAGE } from './usage.ts';

/** Deletes one address; that it is gone already is fine: it went with its primary. */
function deleteAddr(ctx: Context, addr: AddrInfo): void {
  const { family, ifindex, local, address, prefixLen, label } = addr;
  const request: AddrRequest = {
    family,
    ifindex,
    local,
    address,
    prefixLen,
    ...(label === undefined ? {} : { label }),
  };
  try {
    if (ctx.proc.uid !== 0) throw new KernelError('EPERM');
    addrDel(ctx.ns, request);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    if (e.errno === 'EADDRNOTAVAIL') return;
    throw new Failure(255, `Failed to send flush request: ${strerror(e.errno)}\n`);
  }
}

function candidates(ctx: Context, filter: ShowFilter): AddrInfo[] {
  const families = (['inet', 'inet6'] as const).filter(
    (f) => filter.family === undefined || filter.family === f,
  );
  const all = families.flatMap((f) => [...addrDump(ctx.ns, f)]);
  return all.filter((addr) => passesAddrFilter(ctx, addr, filter));
}

function tellEnd(ctx: Context, round: number): void {
  if (ctx.options.stats === 0) return;
  ctx.output.out(
    round === 0
      ? 'Nothing to flush.\n'
      : `*** Flush is complete after ${round} round${round > 1 ? 's' : ''} ***\n`,
  );
}

/** `ip address flush`: deletes what passes, round by round, since deleting may promote. Source: iproute2 ip/ipaddress.c, ipaddr_flush(). */
export function addrFlush(ctx: Context, words: readonly string[]): number {
  const { family, loops, stats } = ctx.options;
  if (words.length === 0) throw new Failure(1, 'Flush requires arguments.\n');
  if (family === 'link') throw new Failure(1, 'Cannot flush link addresses.\n');
  const filter = parseShowFilter(ctx, words, family, ADDR_USAGE);
  const primaryOnly = (filter.flagMask & ~filter.flags & IFA_F_SECONDARY) !== 0;
  for (let round = 0; loops === 0 || round < loops; ) {
    const found = candidates(ctx, filter);
    if (found.length === 0) {
      tellEnd(ctx, round);
      return 0;
    }
    round++;
    if (stats > 1) for (const addr of found) printAddr(ctx, addr, true);
    for (const addr of found) deleteAddr(ctx, addr);
    if (stats > 0) ctx.output.out(`\n*** Round ${round}, deleting ${found.length} addresses ***\n`);
    if (primaryOnly) {
      tellEnd(ctx, round);
      return 0;
    }
  }
  throw new Failure(255, `*** Flush remains incomplete after ${loops} rounds. ***\n`);
}
