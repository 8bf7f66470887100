import { JsonObject } from './json.ts';
import type { Session } from './session.ts';
import type { Interval, Stream } from './stream.ts';
import { formatG2, formatUnit } from './units.ts';

/*
 * Reports of intervals. Texts: iperf src/iperf_locale.c; what goes where: iperf_api.c, iperf_print_intermediate().
 */

/** Between intervals of several streams, and before the summary. */
export const SEPARATOR = '- - - - - - - - - - - - - - - - - - - - - - - - -\n';

/** Headings by what stands behind the rate. */
export const HEADS = {
  plain: '',
  retrans: '         Retr',
  cwnd: '         Retr  Cwnd',
  udp: '         Jitter    Lost/Total Datagrams',
  udpSender: '         Total Datagrams',
} as const;

/** A heading. */
export function header(session: Session, kind: keyof typeof HEADS): string {
  const role = session.o.bidirectional ? '[Role]' : '';
  return `[ ID]${role} Interval           Transfer     Bitrate${HEADS[kind]}\n`;
}

/** The first columns of a line: who, when, how much, how fast. */
export function columns(
  session: Session,
  who: number | 'SUM',
  sender: boolean,
  times: readonly [start: number, end: number],
  bytes: number,
  bandwidth: number,
): string {
  const id = who === 'SUM' ? '[SUM]' : `[${String(who).padStart(3)}]`;
  const [start, end] = times;
  const when = `${start.toFixed(2).padStart(6)}-${end.toFixed(2).padEnd(6)}`;
  const rate = formatUnit(bandwidth, session.o.format);
  const role = roleOf(session, sender);
  return `${id}${role} ${when} sec  ${formatUnit(bytes, 'A')}s  ${rate}s/sec`;
}

/** `[TX-C]` and its like where streams go both ways. */
function roleOf(session: Session, sender: boolean): string {
  if (session.mode !== 'both') return '';
  return `[${sender ? 'TX' : 'RX'}-${session.role === 'c' ? 'C' : 'S'}]`;
}

/** The directions to report, in order: whether the streams of each send. */
export function directions(session: Session): readonly boolean[] {
  if (session.mode !== 'both') return [session.mode === 'sender'];
  return session.role === 'c' ? [true, false] : [false, true];
}

/** The suffix of sums of what the server sends where streams go both ways. */
export function sumSuffix(session: Session, sender: boolean): string {
  return session.mode === 'both' && (session.role === 'c') !== sender ? '_bidir_reverse' : '';
}

/** Jitter and loss as UDP's lines end, without what stands behind. */
export function udpTail(jitter: number, lost: number, packets: number, percent: number): string {
  return `  ${(jitter * 1000).toFixed(3).padStart(5)} ms  ${lost}/${packets} (${formatG2(percent)}%)  `;
}

/** A share in percent; 0 of nothing. */
export const percentOf = (part: number, whole: number): number =>
  whole > 0 ? (100 * part) / whole : 0;

/** Seconds between the start and a moment, whichever came first. iperf_time_diff() */
const seconds = (stream: Stream, at: number): number => Math.abs(at - stream.startTime) / 1e6;

/** A last interval that is short and empty is not worth a line. */
function worthShowing(session: Session): boolean {
  return session.streams.some((s) => {
    const last = s.intervals.at(-1);
    if (last === undefined) return false;
    return (last.end - last.start) / 1e6 >= session.o.interval * 0.1 || last.bytes > 0;
  });
}

/** Prints the last interval of all streams. iperf_print_intermediate() */
export async function reportInterval(session: Session): Promise<void> {
  if (!worthShowing(session)) return;
  const json = session.json === undefined ? undefined : new JsonObject();
  const list: JsonObject[] = [];
  if (json !== undefined) {
    session.json?.intervals.push(json);
    json.add('streams', list);
  }
  for (const sender of directions(session)) {
    const streams = session.streams.filter((s) => s.sender === sender);
    for (const stream of streams) await oneStream(session, stream, list);
    if (session.o.streams > 1 || json !== undefined) await sum(session, streams, sender, json);
  }
}

async function oneStream(session: Session, stream: Stream, list: JsonObject[]): Promise<void> {
  const interval = stream.intervals.at(-1) as Interval;
  const { sender, fd } = stream;
  const bandwidth = interval.duration > 0 ? interval.bytes / interval.duration : 0;
  const times = [seconds(stream, interval.start), seconds(stream, interval.end)] as const;
  if (session.json !== undefined) {
    list.push(
      JsonObject.of({
        socket: fd,
        ...timing(times, interval, interval.bytes, bandwidth),
        ...details(session, stream, interval),
        omitted: interval.omitted,
        sender,
      }),
    );
    return;
  }
  if (stream === session.streams[0]) await heading(session, stream, interval);
  const head = columns(session, fd, sender, times, interval.bytes, bandwidth);
  const omitted = interval.omitted ? '(omitted)' : '';
  await session.print(`${head}${tail(session, stream, interval)}${omitted}\n`);
}

async function heading(session: Session, stream: Stream, interval: Interval): Promise<void> {
  const first = interval.start === stream.startTime;
  if (first) await session.print(header(session, headKind(session)));
  else if (session.o.streams > 1) await session.print(SEPARATOR);
}

function headKind(session: Session): keyof typeof HEADS {
  if (session.o.protocol === 'TCP') return session.senderHasRetransmits === 1 ? 'cwnd' : 'plain';
  return session.mode === 'sender' ? 'udpSender' : 'udp';
}

const PLAIN_TAIL = ' '.repeat(18);

function tail(session: Session, stream: Stream, i: Interval): string {
  if (session.o.protocol === 'TCP') {
    if (session.senderHasRetransmits !== 1 || !stream.sender) return PLAIN_TAIL;
    return `  ${String(i.retrans).padStart(3)}   ${formatUnit(i.cwnd, 'A')}s       `;
  }
  if (stream.sender) return ` ${udpPad(session)} ${i.packets}  `;
  return udpTail(i.jitter, i.lost, i.packets, percentOf(i.lost, i.packets));
}

const udpPad = (session: Session): string => (session.mode === 'both' ? ' '.repeat(10) : '');

type Times = readonly [number, number];

function timing(times: Times, i: Interval, bytes: number, bandwidth: number) {
  const [start, end] = times;
  return { start, end, seconds: i.duration, bytes, bits_per_second: bandwidth * 8 };
}

function details(session: Session, stream: Stream, i: Interval): Record<string, number> {
  if (session.o.protocol === 'TCP') {
    if (session.senderHasRetransmits !== 1 || !stream.sender) return {};
    return {
      retransmits: i.retrans,
      snd_cwnd: i.cwnd,
      snd_wnd: i.wnd,
      rtt: i.rtt,
      rttvar: i.rttvar,
      pmtu: i.pmtu,
    };
  }
  if (stream.sender) return { packets: i.packets };
  return {
    jitter_ms: i.jitter * 1000,
    lost_packets: i.lost,
    packets: i.packets,
    lost_percent: percentOf(i.lost, i.packets),
  };
}

async function sum(
  session: Session,
  streams: readonly Stream[],
  sender: boolean,
  json: JsonObject | undefined,
): Promise<void> {
  const first = session.streams[0];
  const timed = first?.intervals.at(-1);
  if (first === undefined || timed === undefined) return;
  const last = streams.map((s) => s.intervals.at(-1) as Interval);
  const total = (of: (i: Interval) => number): number => last.reduce((n, i) => n + of(i), 0);
  const bytes = total((i) => i.bytes);
  const bandwidth = bytes / timed.duration;
  const times = [seconds(first, timed.start), seconds(first, timed.end)] as const;
  const tcp = session.o.protocol === 'TCP';
  const retrans = tcp && sender && session.senderHasRetransmits === 1;
  const omitted = retrans ? timed.omitted : session.omitting;
  const lost = total((i) => i.lost);
  const packets = total((i) => i.packets);
  const jitter = total((i) => i.jitter) / session.o.streams;
  const percent = percentOf(lost, packets);
  if (json !== undefined) {
    const udp = sender
      ? { packets }
      : { jitter_ms: jitter * 1000, lost_packets: lost, packets, lost_percent: percent };
    json.add(
      `sum${sumSuffix(session, sender)}`,
      JsonObject.of({
        ...timing(times, timed, bytes, bandwidth),
        ...(retrans ? { retransmits: total((i) => i.retrans) } : {}),
        ...(tcp ? {} : udp),
        omitted,
        sender,
      }),
    );
    return;
  }
  const head = columns(session, 'SUM', sender, times, bytes, bandwidth);
  const plain = retrans
    ? `  ${String(total((i) => i.retrans)).padStart(3)}             `
    : PLAIN_TAIL;
  const udp = sender ? ` ${udpPad(session)} ${packets}  ` : udpTail(jitter, lost, packets, percent);
  await session.print(`${head}${tcp ? plain : udp}${omitted ? '(omitted)' : ''}\n`);
}
