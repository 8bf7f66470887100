import { TCPHDR_ACK, TCPHDR_FIN, TCPHDR_PSH, TCPHDR_RST, TCPHDR_SYN } from '@labwire/core/wire';

/** A segment as a script writes it; what is absent is not looked at, or left out. */
export interface SegmentText {
  readonly flags: number;
  /** Relative to the sender's first sequence number. */
  readonly seq: number;
  readonly len: number;
  readonly ack: number | undefined;
  readonly win: number | undefined;
  /** Between the angle brackets; undefined if there are none. */
  readonly options: readonly string[] | undefined;
}

/** One line of a script. */
export interface Step {
  readonly line: number;
  /** Seconds: since the start, or since the last step if {@link relative}; undefined for any time. */
  readonly at: number | undefined;
  readonly relative: boolean;
  readonly kind: 'inject' | 'expect' | 'call';
  readonly segment: SegmentText | undefined;
  readonly call: readonly string[];
}

const FLAGS: Readonly<Record<string, number>> = {
  S: TCPHDR_SYN,
  F: TCPHDR_FIN,
  R: TCPHDR_RST,
  P: TCPHDR_PSH,
  '.': TCPHDR_ACK,
};

const SEGMENT = /^([SFRP.]+) (-?\d+):(-?\d+)\((\d+)\)(?: ack (-?\d+))?(?: win (\d+))?(?: <(.*)>)?$/;

function parseSegment(text: string, line: number): SegmentText {
  const m = SEGMENT.exec(text);
  if (m === null) throw new Error(`line ${line}: no segment: ${text}`);
  const [, flags, seq, , len, ack, win, options] = m;
  return {
    flags: [...(flags as string)].reduce((bits, c) => bits | (FLAGS[c] as number), 0),
    seq: Number(seq),
    len: Number(len),
    ack: ack === undefined ? undefined : Number(ack),
    win: win === undefined ? undefined : Number(win),
    options: options?.split(',').filter((o) => o !== ''),
  };
}

/**
 * Reads a script. A line is a time (`0.5` since the start, `+0.2` since the last step, `*` any) and then
 * `< SEGMENT` that arrives, `> SEGMENT` that must be sent, or a call of the user: see run.ts. `#` starts a comment.
 */
export function parseScript(text: string): Step[] {
  const steps: Step[] = [];
  for (const [i, raw] of text.split('\n').entries()) {
    const source = raw.replace(/#.*/, '').trim();
    if (source === '') continue;
    const line = i + 1;
    const m = /^(\*|\+?\d*\.?\d+)\s+([<>]?)\s*(.*)$/.exec(source);
    if (m === null) throw new Error(`line ${line}: a line starts with a time: ${source}`);
    const [, time, sign, rest] = m as unknown as [string, string, string, string];
    steps.push({
      line,
      at: time === '*' ? undefined : Number(time),
      relative: time.startsWith('+'),
      kind: sign === '<' ? 'inject' : sign === '>' ? 'expect' : 'call',
      segment: sign === '' ? undefined : parseSegment(rest, line),
      call: sign === '' ? rest.split(/\s+/) : [],
    });
  }
  return steps;
}

/** Writes a segment as a script would. */
export function formatSegment(s: SegmentText): string {
  const flags = Object.keys(FLAGS)
    .filter((c) => (s.flags & (FLAGS[c] as number)) !== 0)
    .join('');
  const ack = s.ack === undefined ? '' : ` ack ${s.ack}`;
  const win = s.win === undefined ? '' : ` win ${s.win}`;
  const options = s.options === undefined ? '' : ` <${s.options.join(',')}>`;
  return `${flags} ${s.seq}:${s.seq + s.len}(${s.len})${ack}${win}${options}`;
}
