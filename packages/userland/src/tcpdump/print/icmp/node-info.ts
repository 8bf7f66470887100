import type { Dissector } from '../base/index.ts';

const HEADER = 16;
const QUERY = 139;
const NOOP = 0;
const TYPES = 1;
const NAME = 2;
const ADDRESSES = 3;
/** Letters of the flags of node addresses, from the highest bit. */
const ADDRESS_FLAGS = [
  [0x40, 'a'],
  [0x20, 'G'],
  [0x10, 'S'],
  [0x08, 'L'],
  [0x04, 'C'],
  [0x02, 'A'],
] as const;

/** Prints a node information query or reply. RFC 4620; print-icmp6.c, icmp6_nodeinfo_print() */
export function nodeInfoPrint(d: Dissector, off: number, length: number): void {
  const size = d.left(off);
  if (d.u8(off) === QUERY) {
    if (size === 12) {
      d.print(' who-are-you request');
      return;
    }
    d.print(' node information query');
    if (size < HEADER) {
      d.trunc();
      return;
    }
    d.print(' (');
    query(d, off, size);
    d.print(')');
    return;
  }
  if (length > size || size < HEADER) {
    d.trunc();
    return;
  }
  d.print(' node information reply (');
  reply(d, off, size);
  d.print(')');
}

function typesText(flags: number): string {
  return `supported qtypes${flags !== 0 ? ` [${(flags & 1) !== 0 ? 'C' : ''}]` : ''}`;
}

function addressFlags(flags: number): string {
  return ADDRESS_FLAGS.filter(([bit]) => (flags & bit) !== 0)
    .map(([, letter]) => letter)
    .join('');
}

function query(d: Dissector, off: number, size: number): void {
  const [type, flags] = [d.u16(off + 4), d.u16(off + 6)];
  if (type === NOOP) d.print('noop');
  else if (type === TYPES) d.print(typesText(flags));
  else if (type === NAME) d.print('DNS name');
  else if (type === ADDRESSES)
    d.print(`node addresses${flags === 0 ? '' : ` [${addressFlags(flags)}]`}`);
  else d.print('unknown');
  if (type === NOOP || type === TYPES) {
    if (size !== HEADER && d.o.verbose > 0) d.print(', invalid len');
    return;
  }
  if (size === HEADER) d.print(', 03 draft');
  else subject(d, off, size);
}

function subject(d: Dissector, off: number, size: number): void {
  const at = off + HEADER;
  const code = d.u8(off + 1);
  const address = code === 0 ? 16 : 4;
  if (code === 1) {
    d.print(', subject=DNS name');
    namePrint(d, at);
  } else if (code > 2) d.print(', unknown subject');
  else if (d.has(at, address)) {
    if (size === HEADER + address) d.print(`, subject=${code === 0 ? d.ip6(at) : d.ip4(at)}`);
    else if (d.o.verbose > 0) d.print(', invalid subject len');
  }
}

/** A name: with its length before it in old drafts, as labels since. */
function namePrint(d: Dissector, at: number): void {
  if (d.u8(at) !== d.end - at - 1) {
    labelsPrint(d, at);
    return;
  }
  if (d.o.verbose > 0) d.print(', 03 draft');
  d.print(`, "${d.chars(at + 1, d.end - at - 1)}"`);
}

/** Labels without compression. dnsname_print() */
function labelsPrint(d: Dissector, start: number): void {
  d.print(', "');
  for (let at = start; at < d.end; ) {
    const n = d.u8(at++);
    if (n === 0) {
      if (at === d.end) d.print('.');
      else if (at + 1 !== d.end || d.u8(at) !== 0) d.print('???');
      break;
    }
    if (n > d.end - at) {
      d.print('???');
      break;
    }
    d.print(d.chars(at, n));
    at += n;
    if (at + 1 < d.end && d.u8(at) !== 0) d.print('.');
  }
  d.print('"');
}

function reply(d: Dissector, off: number, size: number): void {
  const code = d.u8(off + 1);
  const invalid = () => {
    if (size !== HEADER && d.o.verbose > 0) d.print(', invalid length');
  };
  if (code !== 0) {
    if (code > 2) return;
    d.print(code === 1 ? 'refused' : 'unknown');
    invalid();
    return;
  }
  if (d.o.verbose > 0) d.print('success, ');
  const [type, flags] = [d.u16(off + 4), d.u16(off + 6)];
  const at = off + HEADER;
  if (type === NOOP) {
    d.print('noop');
    invalid();
  } else if (type === TYPES) d.print(typesText(flags));
  else if (type === NAME) {
    d.print('DNS name');
    namePrint(d, at + 4);
    if ((flags & 1) !== 0) d.print(` [TTL=${d.u32(at)}]`);
  } else if (type === ADDRESSES) {
    d.print('node addresses');
    for (let i = HEADER; i + 20 <= size; i += 20)
      d.print(` ${d.ip6(off + i + 4)}(${d.u32(off + i)})`);
    if (flags !== 0) d.print(` [${addressFlags(flags)}${(flags & 1) !== 0 ? 'T' : ''}]`);
  } else d.print('unknown');
}
