import { respPrint, sshPrint, textProtocol } from '../application/index.ts';
import type { Dissector } from '../base/index.ts';
import { dnsPrint } from '../dns/index.ts';

type Printer = (d: Dissector, at: number, length: number) => void;

const text =
  (name: string): Printer =>
  (d, at, length) => {
    d.print(': ');
    textProtocol(d, name, at, length);
  };
const dns: Printer = (d, at, length) => dnsPrint(d, at, length, 'tcp');

/** What is spoken at a port, in the order in which tcpdump looks for it. */
const PORTS: readonly (readonly [ports: readonly number[], print: Printer])[] = [
  [[25], text('smtp')],
  [[43], text('whois')],
  [[6379], respPrint],
  [[22], sshPrint],
  [[21], text('ftp')],
  [[80, 8080], text('http')],
  [[554, 8554], text('rtsp')],
  [[53], dns],
];
/** What -T can make of segments. */
const TYPES: Readonly<Record<string, Printer>> = { resp: respPrint, domain: dns };

/** Prints what a segment carries, if there is a printer for its ports. print-tcp.c */
export function tcpPayload(
  d: Dissector,
  at: number,
  length: number,
  sport: number,
  dport: number,
): void {
  const type = d.o.packetType;
  const print =
    type !== undefined
      ? TYPES[type]
      : PORTS.find(([ports]) => ports.includes(sport) || ports.includes(dport))?.[1];
  print?.(d, at, length);
}
