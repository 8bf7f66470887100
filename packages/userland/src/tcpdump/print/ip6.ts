import type { Dissector } from './dissector.ts';
import { IP_PROTOCOLS } from './protocols.ts';

const HBH = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const DSTOPTS = 60;

/** Prints an IPv6 packet. print-ip6.c, ip6_print() */
export function ip6Print(d: Dissector, off: number, length: number): void {
  d.protocol = 'ip6';
  d.need(off, 40);
  if (length < 40) {
    d.print(`truncated-ip6 ${length}`);
    return;
  }
  if (!d.o.ether) d.print('IP6 ');
  const version = d.u8(off) >> 4;
  if (version !== 6) {
    d.print(`version error: ${version} != 6`);
    return;
  }
  const payload = d.u16(off + 4);
  const len = payload === 0 ? length : payload + 40;
  if (length < len) d.print(`truncated-ip6 - ${len - length} bytes missing!`);
  let next = d.u8(off + 6);
  if (d.o.verbose > 0) details(d, off, next, payload);
  const was = d.limit(off + len);
  const plain = next === 6 || next === 17 || next === 132 || next === 33;
  if (!plain) d.print(`${d.ip6(off + 8)} > ${d.ip6(off + 24)}: `);
  let at = off + 40;
  let fragmented = false;
  while (next === HBH || next === DSTOPTS || next === FRAGMENT || next === ROUTING) {
    const size = next === FRAGMENT ? 8 : (d.u8(at + 1) + 1) * 8;
    extension(d, next, at, size);
    if (next === FRAGMENT) {
      fragmented = true;
      if ((d.u16(at + 2) & 0xfff8) !== 0) {
        d.end = was;
        return;
      }
    }
    next = d.u8(at);
    at += size;
  }
  d.layers.transport(d, next, at, Math.max(0, off + len - at), { version: 6, off, fragmented });
  d.end = was;
}

function details(d: Dissector, off: number, next: number, payload: number): void {
  const flow = d.u32(off);
  const traffic = (flow >>> 20) & 0xff;
  const label = flow & 0xfffff;
  d.print('(');
  if (traffic !== 0) d.print(`class 0x${traffic.toString(16).padStart(2, '0')}, `);
  if (label !== 0) d.print(`flowlabel 0x${label.toString(16).padStart(5, '0')}, `);
  d.print(
    `hlim ${d.u8(off + 7)}, next-header ${IP_PROTOCOLS[next] ?? 'unknown'} (${next}) payload length: ${payload}) `,
  );
}

function extension(d: Dissector, kind: number, at: number, size: number): void {
  if (kind === HBH) {
    d.print('HBH ');
    if (d.o.verbose > 0) options(d, at + 2, size - 2);
  } else if (kind === DSTOPTS) {
    d.print('DSTOPT ');
    if (d.o.verbose > 0) options(d, at + 2, size - 2);
  } else if (kind === FRAGMENT) {
    const field = d.u16(at + 2);
    const start = field & 0xfff8;
    d.print('frag (');
    if (d.o.verbose > 0)
      d.print(
        `0x${d
          .u32(at + 4)
          .toString(16)
          .padStart(8, '0')}:`,
      );
    d.print(`${start}|${Math.max(0, d.end - at - 8)})${start === 0 ? ' ' : ''}`);
  } else {
    d.print(`srcrt (len=${d.u8(at + 1)}, type=${d.u8(at + 2)}, segleft=${d.u8(at + 3)}) `);
  }
}

/** Hop-by-hop and destination options. print-ip6opts.c */
function options(d: Dissector, start: number, length: number): void {
  for (let i = 0; i < length; ) {
    const type = d.u8(start + i);
    if (type === 0) {
      d.print('(pad1)');
      i++;
      continue;
    }
    const size = d.u8(start + i + 1);
    if (type === 1) d.print('(padn)');
    else if (type === 5)
      d.print(
        `(rtalert: 0x${d
          .u16(start + i + 2)
          .toString(16)
          .padStart(4, '0')}) `,
      );
    else d.print(`(opt_type 0x${type.toString(16).padStart(2, '0')}: len=${size})`);
    i += size + 2;
  }
  d.print(' ');
}
