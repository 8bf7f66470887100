import { bitNames, type Dissector, hexNumber } from '../base/index.ts';
import { bridgeId, portRole, STP_FLAGS, timesPrint } from './stp-fields.ts';

/** Where the fields of a message of IEEE 802.1s are. */
const VERSION3_LENGTH = 36;
const CONFIG_NAME = 39;
const CONFIG_DIGEST = 73;
const INTERNAL_COST = 89;
const CIST_BRIDGE = 93;
const REMAINING_HOPS = 101;
const INSTANCES = 102;
const INSTANCE_LENGTH = 16;
/** Bytes of the version 3 part before the instances. */
const CONFIG_LENGTH = 64;

function words(d: Dissector, off: number, n: number): string {
  return d.hex(off, 4 * n);
}

/** A message of IEEE 802.1s: the common tree, then one part for each instance. */
export function instancesPrint(d: Dissector, off: number, length: number): void {
  const flags = d.u8(off + 4);
  d.print(`, CIST Flags [${bitNames(STP_FLAGS, flags)}], length ${length}`);
  if (d.o.verbose === 0) return;
  d.print(`\n\tport-role ${portRole(flags)}, `);
  d.print(`CIST root-id ${bridgeId(d, off + 5)}, CIST ext-pathcost ${d.u32(off + 13)}`);
  d.print(`\n\tCIST regional-root-id ${bridgeId(d, off + 17)}, `);
  d.print(`CIST port-id ${hexNumber(d.u16(off + 25), 4)},`);
  timesPrint(d, off);
  d.print(`\n\tv3len ${d.u16(off + VERSION3_LENGTH)}, MCID Name `);
  d.printPadded(off + CONFIG_NAME, 32);
  d.print(
    `, rev ${d.u16(off + CONFIG_NAME + 32)},\n\t\tdigest ${words(d, off + CONFIG_DIGEST, 4)}, `,
  );
  d.print(`CIST int-root-pathcost ${d.u32(off + INTERNAL_COST)},`);
  d.print(`\n\tCIST bridge-id ${bridgeId(d, off + CIST_BRIDGE)}, `);
  d.print(`CIST remaining-hops ${d.u8(off + REMAINING_HOPS)}`);
  let left = d.u16(off + VERSION3_LENGTH) - CONFIG_LENGTH;
  for (let at = off + INSTANCES; left >= INSTANCE_LENGTH; at += INSTANCE_LENGTH) {
    instancePrint(d, at);
    left -= INSTANCE_LENGTH;
  }
}

function instancePrint(d: Dissector, at: number): void {
  const flags = d.u8(at);
  d.print(
    `\n\tMSTI ${d.u16(at + 1) & 0xfff}, Flags [${bitNames(STP_FLAGS, flags)}], port-role ${portRole(flags)}`,
  );
  d.print(`\n\t\tMSTI regional-root-id ${bridgeId(d, at + 1)}, pathcost ${d.u32(at + 9)}`);
  d.print(
    `\n\t\tMSTI bridge-prio ${d.u8(at + 13) >> 4}, port-prio ${d.u8(at + 14) >> 4}, hops ${d.u8(at + 15)}`,
  );
}

/** The version 4 part of IEEE 802.1aq. */
export function agreementPrint(d: Dissector, off: number): void {
  d.print(`\n\tv4len ${d.u16(off)}, AUXMCID Name `);
  d.printPadded(off + 3, 32);
  d.print(`, Rev ${d.u16(off + 35)},\n\t\tdigest ${words(d, off + 37, 4)}`);
  const flags = d.u8(off + 53);
  const [format, convention] = [d.u8(off + 55), d.u8(off + 56)];
  d.print(
    `\n\tAgreement num ${flags >> 6}, Discarded Agreement num ${(flags >> 4) & 3}, Agreement valid-flag ${(flags >> 3) & 1},\n\tRestricted role-flag: ${(flags >> 2) & 1}, Format id ${format >> 4} cap ${format}, Convention id ${convention >> 4} cap ${convention},\n\tEdge count ${d.u16(off + 57)}, Agreement digest ${words(d, off + 67, 5)}`,
  );
}
