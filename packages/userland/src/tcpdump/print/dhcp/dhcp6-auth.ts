import { type Dissector, hexNumber } from '../base/index.ts';

const DELAYED = 2;
const RECONFIGURE = 3;
const FIXED = 11;

/** Prints an authentication option. RFC 3315 section 22.11; print-dhcp6.c */
export function authenticationPrint(d: Dissector, at: number, length: number): void {
  if (length < FIXED) {
    d.print(' ?');
    return;
  }
  const [proto, algorithm, detection] = [d.u8(at), d.u8(at + 1), d.u8(at + 2)];
  const name = proto === DELAYED ? 'delayed' : proto === RECONFIGURE ? 'reconfigure' : proto;
  d.print(` proto: ${name}, alg: ${algorithm === 1 ? 'HMAC-MD5' : algorithm}`);
  d.print(`, RDM: ${detection === 0 ? 'mono' : detection}, RD:`);
  for (let i = 0; i < 4; i++) d.print(` ${hexNumber(d.u16(at + 3 + 2 * i), 4)}`);
  const [info, size] = [at + FIXED, length - FIXED];
  if (proto === DELAYED) delayed(d, info, size);
  else if (proto === RECONFIGURE) reconfigure(d, info, size);
  else d.print(' ??');
}

function words(d: Dissector, at: number): string {
  return [0, 4, 8, 12].map((i) => ` ${d.hex(at + i, 4)}`).join('');
}

function delayed(d: Dissector, at: number, size: number): void {
  if (size === 0) return;
  if (size < 20) {
    d.print(' ??');
    return;
  }
  const realm = size - 20;
  if (realm > 0) d.print(`, realm: ${d.hex(at, realm)}`);
  d.print(`, key ID: ${d.hex(at + realm, 4)}, HMAC-MD5:${words(d, at + realm + 4)}`);
}

function reconfigure(d: Dissector, at: number, size: number): void {
  if (size !== 17) {
    d.print(' ??');
    return;
  }
  const type = d.u8(at);
  d.print(type === 1 ? ' reconfig-key' : type === 2 ? ' type: HMAC-MD5' : ' type: ??');
  d.print(` value:${words(d, at + 1)}`);
}
