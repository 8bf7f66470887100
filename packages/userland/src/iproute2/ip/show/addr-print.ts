import { formatIpv4 } from '@labwire/core/addr';
import type { AddrInfo } from '@labwire/devices/rtnetlink';
import { formatInet, sameInet } from '../../../libc-net/index.ts';
import type { Context } from '../../context/index.ts';
import { IFA_F_DEPRECATED, printAddrFlags } from './addr-flags.ts';

/** For ever: INFINITY_LIFE_TIME. */
const FOREVER = 0xffff_ffff;

function printLocal(ctx: Context, addr: AddrInfo): void {
  const { printer } = ctx;
  printer.field('local', '%s', formatInet(addr.local), addr.family);
  if (!sameInet(addr.local, addr.address)) {
    printer.text(' peer ');
    printer.field('address', '%s', formatInet(addr.address), addr.family);
  }
  printer.field('prefixlen', '/%d ', addr.prefixLen);
  if (addr.metric !== 0) printer.field('metric', 'metric %u ', addr.metric);
}

function printLifetimes(ctx: Context, addr: AddrInfo): void {
  const { printer } = ctx;
  const lifetime = (key: string, seconds: number, fmt: string) => {
    if (seconds !== FOREVER) printer.field(key, fmt, seconds);
    else {
      printer.json(key, FOREVER);
      printer.text('forever');
    }
  };
  printer.nl();
  printer.text('       valid_lft ');
  lifetime('valid_life_time', addr.validLft, '%usec');
  printer.text(' preferred_lft ');
  const deprecated = (addr.flags & IFA_F_DEPRECATED) !== 0;
  const signed = deprecated ? addr.preferredLft | 0 : addr.preferredLft;
  if (addr.preferredLft === FOREVER) lifetime('preferred_life_time', FOREVER, '');
  else printer.field('preferred_life_time', '%dsec', signed);
}

/**
 * Prints one address. Source: iproute2 ip/ipaddress.c, print_addrinfo().
 * @param withDevice with the device in front: `-o`
 */
export function printAddr(ctx: Context, addr: AddrInfo, withDevice: boolean): void {
  const { printer, options } = ctx;
  if (!options.brief) {
    if (withDevice) {
      const name = ctx.nameOf(addr.ifindex);
      printer.json('index', addr.ifindex);
      printer.json('dev', name);
      printer.text(`${addr.ifindex}: ${name}`);
    }
    printer.field('family', '    %s ', addr.family);
  }
  printLocal(ctx, addr);
  if (options.brief) return;
  if (addr.broadcast !== undefined) {
    printer.text('brd ');
    printer.field('broadcast', '%s ', formatIpv4(addr.broadcast), addr.family);
  }
  printer.field('scope', 'scope %s ', ctx.names.scopeName(addr.scope));
  printAddrFlags(printer, addr);
  if (addr.label !== undefined) printer.field('label', '%s', addr.label);
  printLifetimes(ctx, addr);
  printer.text('\n');
}
