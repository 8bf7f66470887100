import {
  type Dissector,
  hexNumber,
  type IpContext,
  internetSum,
  type Names,
  relativeTime,
} from '../base/index.ts';
import { pseudoSum } from '../ip/index.ts';

const HSRP_OPERATIONS: readonly string[] = ['hello', 'coup', 'resign'];
const HSRP_STATES: Names = {
  0: 'initial',
  1: 'learn',
  2: 'listen',
  4: 'speak',
  8: 'standby',
  16: 'active',
};
const VRRP_AUTH: readonly string[] = ['none', 'simple', 'ah'];
const ADVERTISEMENT = 1;
const IPPROTO_VRRP = 112;

/** Prints a message of HSRP. RFC 2281; print-hsrp.c */
export function hsrpPrint(d: Dissector, off: number, length: number): void {
  d.protocol = 'hsrp';
  const version = d.u8(off);
  d.print(`HSRPv${version}`);
  if (version !== 0) return;
  d.print('-');
  const operation = d.u8(off + 1);
  d.print(`${HSRP_OPERATIONS[operation] ?? `unknown (${operation})`} ${length}: `);
  const state = d.u8(off + 2);
  d.print(`state=${HSRP_STATES[state] ?? `Unknown (${state})`} `);
  d.print(`group=${d.u8(off + 6)} `);
  if (d.u8(off + 7) !== 0) d.print(`[reserved=${d.u8(off + 7)}!] `);
  d.print(`addr=${d.ip4(off + 16)}`);
  if (d.o.verbose === 0) return;
  d.print(` hellotime=${relativeTime(d.u8(off + 3))} holdtime=${relativeTime(d.u8(off + 4))}`);
  d.print(` priority=${d.u8(off + 5)} auth="`);
  d.printPadded(off + 8, 8);
  d.print('"');
}

/** Prints an advertisement of VRRP. RFC 3768, RFC 5798; print-vrrp.c */
export function vrrpPrint(d: Dissector, off: number, length: number, ip: IpContext): void {
  d.protocol = 'vrrp';
  d.print('VRRP');
  const [version, type] = [d.u8(off) >> 4, d.u8(off) & 15];
  d.print(`v${version}, ${type === ADVERTISEMENT ? 'Advertisement' : `unknown type (${type})`}`);
  if (ip.ttl !== 255) d.print(`, (ttl ${ip.ttl})`);
  if (version < 2 || version > 3 || type !== ADVERTISEMENT) return;
  d.print(`, vrid ${d.u8(off + 1)}, prio ${d.u8(off + 2)}`);
  let auth = 0;
  if (version === 2) {
    auth = d.u8(off + 4);
    d.print(`, authtype ${VRRP_AUTH[auth] ?? `#${auth}`}`);
    d.print(`, intvl ${d.u8(off + 5)}s, length ${length}`);
  } else d.print(`, intvl ${d.u16(off + 4) & 0xfff}cs, length ${length}`);
  if (d.o.verbose === 0) return;
  if (d.has(off, length)) {
    const pseudo = version === 3 ? pseudoSum(d, ip, IPPROTO_VRRP, length) : 0;
    if (internetSum(d.buf, off, length, pseudo) !== 0)
      d.print(`, (bad vrrp cksum ${hexNumber(d.u16(off + 6))})`);
  }
  const end = addresses(d, off, ip.version);
  if (version === 2 && auth === 1) {
    d.print(' auth "');
    d.printPadded(end, 8);
    d.print('"');
  }
}

/** @returns where they end */
function addresses(d: Dissector, off: number, version: 4 | 6): number {
  const count = d.u8(off + 3);
  d.print(`, addrs${count > 1 ? `(${count})` : ''}:`);
  let at = off + 8;
  for (let i = 0; i < count; i++) {
    d.print(`${i === 0 ? ' ' : ','}${version === 4 ? d.ip4(at) : d.ip6(at)}`);
    at += version === 4 ? 4 : 16;
  }
  return at;
}
