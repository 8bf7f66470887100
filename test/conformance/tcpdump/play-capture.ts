import type { Row, RowResult } from '../conformance-set.ts';
import { ConformanceHost } from '../host.ts';

/** A capture file, options, and the standard output of the real tcpdump. */
export interface CaptureRow extends Row {
  readonly pcap_name: string;
  readonly pcap_b64: string;
  /** PCAP stands for the file. */
  readonly args: string;
  readonly expected: string;
  readonly tier: string;
}

const PATH = '/tmp/capture';
const host = new ConformanceHost();
host.machine.fs.writeFile('/etc/hosts', new Uint8Array(0));
host.machine.fs.writeFile('/etc/resolv.conf', new Uint8Array(0));

/** Reads one capture: right if each byte of the output is. */
export async function playCapture(row: CaptureRow): Promise<RowResult> {
  host.machine.fs.writeFile(PATH, new Uint8Array(Buffer.from(row.pcap_b64, 'base64')));
  const netns = host.freshNetns();
  const { out, err } = await host.shell(netns, `tcpdump ${row.args.replace('PCAP', PATH)}`);
  const refused = /not supported/.test(err);
  return {
    result: out === row.expected ? 'right' : refused ? 'refused' : 'wrong',
    got: out === row.expected ? out : firstDifference(out, row.expected) + (refused ? err : ''),
    want: firstDifference(row.expected, out),
    group: row.tier,
    figures: {},
  };
}

/** The first line that differs, with its number. */
function firstDifference(text: string, other: string): string {
  const [lines, others] = [text.split('\n'), other.split('\n')];
  const at = lines.findIndex((line, i) => line !== others[i]);
  return at < 0 ? `${lines.length} lines` : `line ${at + 1}: ${lines[at]}`;
}
