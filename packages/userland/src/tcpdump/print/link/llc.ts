import { type Dissector, hexNumber, type Names } from '../base/index.ts';
import { snapPrint } from './snap.ts';
import { stpPrint } from './stp.ts';

/** Service access points. llc.h */
const SAPS: Names = {
  0: 'Null',
  255: 'Global',
  2: '802.1B I',
  3: '802.1B G',
  6: 'IP',
  4: 'SNA',
  14: 'ProWay NM',
  66: 'STP',
  78: 'RS511',
  126: 'ISO8208',
  142: 'ProWay',
  170: 'SNAP',
  224: 'IPX',
  240: 'NetBeui',
  254: 'OSI',
};
const COMMANDS: Names = {
  3: 'ui',
  227: 'test',
  175: 'xid',
  99: 'ua',
  67: 'disc',
  15: 'dm',
  111: 'sabme',
  135: 'frmr',
};
const FLAGS: Names = {
  0: 'Command',
  1: 'Response',
  16: 'Poll',
  17: 'Final',
  256: 'Poll',
  257: 'Final',
};
const SUPERVISORY: readonly string[] = ['Receiver Ready', 'Receiver not Ready', 'Reject'];
const UI = 0x03;
const XID = 0xaf;
const XID_FORMAT = 0x81;
const SAP_IP = 0x06;
const SAP_STP = 0x42;
const SAP_SNAP = 0xaa;

/** What came of an LLC header. */
interface Llc {
  /** Bytes of it, with a SNAP header. */
  readonly header: number;
  /** Whether what it carries was printed. */
  readonly known: boolean;
}

/** Prints an IEEE 802.2 header and what it carries. print-llc.c @param macs where the Ethernet header is */
export function llcPrint(d: Dissector, off: number, length: number, macs: number | undefined): Llc {
  d.protocol = 'llc';
  const unnumbered = d.has(off, 3) && (d.u8(off + 2) & 3) === 3;
  const header = unnumbered ? 3 : 4;
  if (d.left(off) < header || length < header) {
    const there = d.left(off);
    d.trunc();
    d.rest(off, there);
    return { header: Math.min(there, length), known: true };
  }
  const dsapField = d.u8(off);
  const ssapField = d.u8(off + 1);
  const control = unnumbered ? d.u8(off + 2) : d.u8(off + 2) | (d.u8(off + 3) << 8);
  const [dsap, ssap] = [dsapField & ~1, ssapField & ~1];
  if (d.o.ether)
    d.print(
      `LLC, dsap ${SAPS[dsap] ?? 'Unknown'} (0x${hexNumber(dsap, 2)}) ${(dsapField & 1) === 0 ? 'Individual' : 'Group'}, ssap ${SAPS[ssap] ?? 'Unknown'} (0x${hexNumber(ssap, 2)}) ${FLAGS[ssapField & 1]}, ctrl 0x${hexNumber(control, unnumbered ? 2 : 4)}: `,
    );
  const at = off + header;
  const left = length - header;
  if (control === UI && dsap === ssap && unnumbered) {
    if (dsap === SAP_SNAP) return { header: header + 5, known: snapPrint(d, at, left, macs) };
    if (dsap === SAP_STP) {
      stpPrint(d, at, left);
      return { header, known: true };
    }
    if (dsap === SAP_IP) {
      d.layers.ip4(d, at, left);
      return { header, known: true };
    }
  }
  if (!d.o.ether) stations(d, dsap, ssap, macs);
  const known = unnumbered
    ? unnumberedPrint(d, at, left, { control, ssapField, header })
    : numberedPrint(d, left + header, control, ssapField);
  return { header, known };
}

function stations(d: Dissector, dsap: number, ssap: number, macs: number | undefined): void {
  const to = SAPS[dsap] ?? `Unknown DSAP 0x${hexNumber(dsap, 2)}`;
  const from = SAPS[ssap] ?? `Unknown SSAP 0x${hexNumber(ssap, 2)}`;
  if (macs === undefined) d.print(ssap === dsap ? `${to} ` : `${from} > ${to} `);
  else if (ssap === dsap) d.print(`${d.mac(macs + 6)} > ${d.mac(macs)} ${to} `);
  else d.print(`${d.mac(macs + 6)} ${from} > ${d.mac(macs)} ${to} `);
}

function unnumberedPrint(
  d: Dissector,
  at: number,
  length: number,
  u: { readonly control: number; readonly ssapField: number; readonly header: number },
): boolean {
  const command = u.control & 0xef;
  d.print(
    `Unnumbered, ${COMMANDS[command] ?? hexNumber(command, 2)}, Flags [${FLAGS[(u.ssapField & 1) | (u.control & 0x10)]}], length ${length + u.header}`,
  );
  if (command !== XID) return false;
  if (length === 0) return true;
  if (!d.has(at, 1)) {
    d.trunc();
    return true;
  }
  if (d.u8(at) !== XID_FORMAT) return false;
  if (d.left(at) < 3 || length < 3) {
    d.trunc();
    d.rest(at, d.left(at));
  } else d.print(`: ${hexNumber(d.u8(at + 1), 2)} ${hexNumber(d.u8(at + 2), 2)}`);
  return true;
}

function numberedPrint(d: Dissector, length: number, control: number, ssapField: number): boolean {
  const flags = FLAGS[(ssapField & 1) | (control & 0x100)];
  const received = (control >> 9) & 0x7f;
  if ((control & 1) === 1) {
    d.print(
      `Supervisory, ${SUPERVISORY[(control >> 2) & 3] ?? '?'}, rcv seq ${received}, Flags [${flags}], length ${length}`,
    );
    return true;
  }
  d.print(
    `Information, send seq ${(control >> 1) & 0x7f}, rcv seq ${received}, Flags [${flags}], length ${length}`,
  );
  return false;
}
