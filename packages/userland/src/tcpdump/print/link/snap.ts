import { type Dissector, ETHERTYPES, hexNumber, type Names, OUIS } from '../base/index.ts';
import { stpPrint } from './stp.ts';

const CISCO_PIDS: Names = {
  8192: 'CDP',
  8195: 'VTP',
  8196: 'DTP',
  273: 'UDLD',
  267: 'PVST',
  268: 'VLAN Bridge',
};
const BRIDGED_PIDS: Names = {
  1: 'Ethernet + FCS',
  7: 'Ethernet w/o FCS',
  2: '802.4 + FCS',
  8: '802.4 w/o FCS',
  3: 'Token Ring + FCS',
  9: 'Token Ring w/o FCS',
  4: 'FDDI + FCS',
  10: 'FDDI w/o FCS',
  5: '802.6 + FCS',
  11: '802.6 w/o FCS',
  14: 'BPDU',
};
const OUI_ETHER = 0;
const OUI_CISCO = 0x00000c;
const OUI_CISCO_90 = 0x0000f8;
const OUI_RFC2684 = 0x0080c2;
const OUI_APPLETALK = 0x080007;
/** What the protocol ids of an organisation are called. */
const PIDS: Readonly<Record<number, Names>> = {
  [OUI_ETHER]: ETHERTYPES,
  [OUI_CISCO_90]: ETHERTYPES,
  [OUI_APPLETALK]: ETHERTYPES,
  [OUI_CISCO]: CISCO_PIDS,
  [OUI_RFC2684]: BRIDGED_PIDS,
};
const BRIDGE_PAD = 2;
const HEADER = 5;

/** Prints a SNAP header and what it carries. print-llc.c, snap_print() @returns whether that was printed */
export function snapPrint(
  d: Dissector,
  off: number,
  whole: number,
  macs: number | undefined,
): boolean {
  d.protocol = 'snap';
  if (!d.has(off, HEADER) || whole < HEADER) {
    d.trunc();
    return true;
  }
  const oui = d.u24(off);
  const pid = d.u16(off + 3);
  const length = whole - HEADER;
  const pidText = `${PIDS[oui]?.[pid] ?? 'Unknown'} (0x${hexNumber(pid, 4)}), length ${length}: `;
  const ouiText = `oui ${OUIS[oui] ?? 'Unknown'} (0x${hexNumber(oui, 6)})`;
  if (d.o.ether) d.print(`${ouiText}, ${oui === OUI_ETHER ? 'ethertype' : 'pid'} ${pidText}`);
  if (carried(d, off + HEADER, length, { oui, pid, macs })) return true;
  if (!d.o.ether) {
    if (macs !== undefined) d.print(`${d.mac(macs + 6)} > ${d.mac(macs)} `);
    d.print(oui === OUI_ETHER ? `SNAP, ethertype ${pidText}` : `SNAP, ${ouiText}, pid ${pidText}`);
  }
  return false;
}

function carried(
  d: Dissector,
  off: number,
  length: number,
  s: { readonly oui: number; readonly pid: number; readonly macs: number | undefined },
): boolean {
  switch (s.oui) {
    case OUI_ETHER:
    case OUI_CISCO_90:
      return d.layers.etherType(d, s.pid, off, length, s.macs);
    case OUI_CISCO:
      return ciscoPrint(d, s.pid, off, length);
    case OUI_RFC2684:
      return bridgedPrint(d, s.pid, off, length);
    default:
      return false;
  }
}

function ciscoPrint(d: Dissector, pid: number, off: number, length: number): boolean {
  switch (CISCO_PIDS[pid]) {
    case 'PVST':
    case 'VLAN Bridge':
      stpPrint(d, off, length);
      return true;
    default:
      return false;
  }
}

/** Frames in frames. RFC 2684 */
function bridgedPrint(d: Dissector, pid: number, off: number, length: number): boolean {
  if (pid === 14) {
    stpPrint(d, off, length);
    return true;
  }
  if (pid !== 1 && pid !== 7) return false;
  d.need(off, BRIDGE_PAD);
  d.layers.ether(d, off + BRIDGE_PAD, length - BRIDGE_PAD);
  return true;
}
