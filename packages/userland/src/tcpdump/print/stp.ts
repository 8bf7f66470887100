import type { Dissector } from './dissector.ts';

const ROLES: readonly string[] = ['Unknown', 'Alternate', 'Root', 'Designated'];

/** `8000.02:00:00:00:00:01.8001` */
function bridgeId(d: Dissector, off: number): string {
  return `${d.u16(off).toString(16).padStart(4, '0')}.${d.mac(off + 2)}`;
}

/** Times are in units of 1/256 s. */
function seconds(d: Dissector, off: number): string {
  return `${(d.u16(off) / 256).toFixed(2)}s`;
}

/** Prints a BPDU. print-stp.c */
export function stpPrint(d: Dissector, off: number, length: number): void {
  d.protocol = 'stp';
  const version = d.u8(off + 2);
  const type = d.u8(off + 3);
  const name =
    version === 0
      ? '802.1d'
      : version === 2
        ? '802.1w'
        : version === 3
          ? '802.1s'
          : `Unknown STP protocol (0x${version.toString(16).padStart(2, '0')})`;
  d.print(`STP ${name}`);
  if (type === 0x80) {
    d.print(', Topology Change');
    return;
  }
  if (type !== 0 && type !== 2) {
    d.print(`, Unknown STP type (0x${type.toString(16).padStart(2, '0')})`);
    return;
  }
  const flags = d.u8(off + 4);
  d.print(type === 2 ? ', Rapid STP' : ', Config');
  d.print(`, Flags [${flagNames(flags, type === 2)}]`);
  const port = d
    .u16(off + 25)
    .toString(16)
    .padStart(4, '0');
  d.print(`, bridge-id ${bridgeId(d, off + 17)}.${port}, length ${length}`);
  if (d.o.verbose === 0) return;
  d.print(
    `\n\tmessage-age ${seconds(d, off + 27)}, max-age ${seconds(d, off + 29)}, hello-time ${seconds(d, off + 31)}, forwarding-delay ${seconds(d, off + 33)}`,
  );
  d.print(`\n\troot-id ${bridgeId(d, off + 5)}, root-pathcost ${d.u32(off + 13)}`);
  if (type === 2) d.print(`, port-role ${ROLES[(flags >> 2) & 3]}`);
}

function flagNames(flags: number, rapid: boolean): string {
  const names: string[] = [];
  if ((flags & 0x01) !== 0) names.push('Topology change');
  if (rapid && (flags & 0x02) !== 0) names.push('Proposal');
  if (rapid && (flags & 0x10) !== 0) names.push('Learn');
  if (rapid && (flags & 0x20) !== 0) names.push('Forward');
  if (rapid && (flags & 0x40) !== 0) names.push('Agreement');
  if ((flags & 0x80) !== 0) names.push('Topology change ACK');
  return names.length === 0 ? 'none' : names.join(', ');
}
