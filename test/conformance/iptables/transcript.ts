import type { Row, RowResult } from '../conformance-set.ts';
import { host, isRefusal } from './host.ts';

/** A test as the commands that it ran, one after the other in one namespace. */
export interface TranscriptRow extends Row {
  readonly area: string;
  readonly steps: readonly Step[];
}

interface Step {
  readonly argv: readonly string[];
  readonly stdin?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly rc: number;
  readonly out: string;
  readonly err?: string;
}

/** What the real tools' dumps have in place of a date. */
function withoutDates(text: string): string {
  return text.replace(/ on \w{3} \w{3} +\d+ [\d:]{8} \d{4}$/gm, ' on <DATE>');
}

const PROTOCOLS: Readonly<Record<string, string>> = {
  0: 'all',
  1: 'icmp',
  6: 'tcp',
  17: 'udp',
  50: 'esp',
  51: 'ah',
  58: 'ipv6-icmp',
  132: 'sctp',
};

/** A listing with protocols by name, whose column may be wider: this release has numbers where the documents have names. */
function protocolsByName(text: string): string {
  return text.replace(
    /^((?: *\S+){0,4} +!?)(\w[\w-]*) +(--|-f|!f) +/gm,
    (_, before: string, protocol: string, fragment: string) =>
      `${before}${PROTOCOLS[protocol] ?? protocol} ${fragment} `,
  );
}

/** What is compared of an output. */
function plain(text: string): string {
  return protocolsByName(withoutDates(text));
}

/** The words of a step; files that they name are laid out first. */
function prepare(step: Step): string[] {
  const entries = Object.entries(step.files ?? {});
  for (const [name, text] of entries) host.machine.fs.writeFile(`/tmp/${name.slice(1)}`, text);
  return step.argv.map((w) =>
    entries.reduce((word, [name]) => word.replace(name, `/tmp/${name.slice(1)}`), w),
  );
}

/** Plays a transcript: every step must print and return the same. */
export async function playTranscript(row: TranscriptRow): Promise<RowResult> {
  const netns = host.freshNetns();
  const wrong: string[] = [];
  const got: string[] = [];
  let refused = false;
  let same = 0;
  for (const step of row.steps) {
    const ran = await host.run(netns, prepare(step), step.stdin);
    refused ||= isRefusal(ran);
    const want = [String(step.rc), plain(step.out), step.err ?? ''].join('|');
    const ours = [String(ran.code), plain(ran.out), ran.err].join('|');
    if (want === ours) same++;
    else {
      wrong.push(`${step.argv.join(' ')}: ${want}`);
      got.push(`${step.argv.join(' ')}: ${ours}`);
    }
  }
  const result = same === row.steps.length ? 'right' : refused ? 'refused' : 'wrong';
  return { result, got: got.join('\n'), want: wrong.join('\n'), group: row.area, figures: {} };
}
