import { bitNames, type Dissector, hexNumber, type Names } from '../base/index.ts';
import { bridgeId, portRole, STP_FLAGS, timesPrint } from './stp-fields.ts';
import { agreementPrint, instancesPrint } from './stp-mst.ts';

const VERSIONS: Names = { 0: '802.1d', 2: '802.1w', 3: '802.1s', 4: '802.1aq' };
const TYPES: Names = { 0: 'Config', 2: 'Rapid STP', 128: 'Topology Change' };
const RAPID = 2;
const MULTIPLE = 3;
const SHORTEST_PATH = 4;
const CONFIG_TYPE = 0;
const RAPID_TYPE = 2;
/** Bytes of a configuration message, and of a rapid one, which has a version 1 length behind it. */
const CONFIG_LENGTH = 35;
const RAPID_LENGTH = 36;
const MULTIPLE_LENGTH = 102;
const VERSION3_LENGTH = 36;
const AGREEMENT_LENGTH = 87;

/** Prints a BPDU. print-stp.c */
export function stpPrint(d: Dissector, off: number, length: number): void {
  d.protocol = 'stp';
  if (length < 4) {
    d.invalid();
    return;
  }
  if (d.u16(off) !== 0) {
    d.print(`unknown STP version, length ${length}`);
    return;
  }
  const version = d.u8(off + 2);
  d.print(`STP ${VERSIONS[version] ?? `Unknown STP protocol (0x${hexNumber(version, 2)})`}`);
  if (VERSIONS[version] === undefined) return;
  const type = d.u8(off + 3);
  d.print(`, ${TYPES[type] ?? `Unknown BPDU Type (0x${hexNumber(type, 2)})`}`);
  if (type === CONFIG_TYPE) {
    if (length < CONFIG_LENGTH) d.invalid();
    else configPrint(d, off, length, version);
  } else if (type === RAPID_TYPE) {
    if (version === RAPID) {
      if (length < RAPID_LENGTH) d.invalid();
      else configPrint(d, off, length, version);
    } else if (version === MULTIPLE || version === SHORTEST_PATH)
      if (!multiplePrint(d, off, length, version)) d.invalid();
  }
}

function configPrint(d: Dissector, off: number, length: number, version: number): void {
  const flags = d.u8(off + 4);
  d.print(`, Flags [${bitNames(STP_FLAGS, flags)}]`);
  d.print(
    `, bridge-id ${bridgeId(d, off + 17)}.${hexNumber(d.u16(off + 25), 4)}, length ${length}`,
  );
  if (d.o.verbose === 0) return;
  timesPrint(d, off);
  d.print(`\n\troot-id ${bridgeId(d, off + 5)}, root-pathcost ${d.u32(off + 13)}`);
  if (version === RAPID) d.print(`, port-role ${portRole(flags)}`);
}

/** IEEE 802.1s and 802.1aq. @returns whether the lengths fit together */
function multiplePrint(d: Dissector, off: number, length: number, version: number): boolean {
  if (length < MULTIPLE_LENGTH || d.u8(off + 35) !== 0) return false;
  const third = d.u16(off + VERSION3_LENGTH) + 2;
  if (length < RAPID_LENGTH + third) return false;
  instancesPrint(d, off, length);
  if (version !== SHORTEST_PATH) return true;
  const fourth = d.u16(off + VERSION3_LENGTH + third) + 2;
  if (length < RAPID_LENGTH + third + fourth || fourth < AGREEMENT_LENGTH) return false;
  if (d.o.verbose > 0) agreementPrint(d, off + RAPID_LENGTH + third);
  return true;
}
