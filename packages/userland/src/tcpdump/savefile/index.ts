import { TcpdumpError } from '../tcpdump-error.ts';
import { readPcap } from './pcap.ts';
import { readPcapng } from './pcapng.ts';
import { truncatedFile } from './reader.ts';
import type { Savefile } from './savefile.ts';

export { pcapHeader, pcapRecord } from './pcap.ts';
export { MAX_SNAPLEN, type Savefile } from './savefile.ts';

/** Reads a capture file of any kind. libpcap savefile.c @throws TcpdumpError */
export function readSavefile(bytes: Uint8Array): Savefile {
  if (bytes.length < 4) throw truncatedFile('file header ', 4, bytes.length);
  const file = readPcap(bytes) ?? readPcapng(bytes);
  if (file === undefined) throw new TcpdumpError('unknown file format');
  return file;
}
