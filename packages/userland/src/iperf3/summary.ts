import { JsonObject } from './json.ts';
import {
  columns,
  directions,
  header,
  percentOf,
  reportInterval,
  SEPARATOR,
  sumSuffix,
  udpTail,
} from './report.ts';
import type { Session } from './session.ts';
import type { Stream } from './stream.ts';

/*
 * The report of a whole test. iperf_api.c, iperf_print_results()
 */

const NOT_HERE = {
  sender: 'sender statistics not available',
  receiver: 'receiver statistics not available',
} as const;

/** Sums of the streams of one direction. */
interface Totals {
  readonly sender: boolean;
  readonly senderTime: number;
  readonly receiverTime: number;
  readonly retransmits: boolean;
  sent: number;
  received: number;
  retrans: number;
  packets: number;
  senderPackets: number;
  receiverPackets: number;
  lost: number;
  jitter: number;
}

const rate = (bytes: number, time: number): number => (time > 0 ? bytes / time : 0);

/** Prints the last interval and the sums of all. iperf_reporter_callback() */
export async function reportEnd(session: Session): Promise<void> {
  await reportInterval(session);
  const list: JsonObject[] = [];
  if (session.json === undefined) await heading(session);
  else session.json.end.add('streams', list);
  for (const sender of directions(session)) await direction(session, sender, list);
  await cpu(session);
  await serverOutput(session);
}

async function heading(session: Session): Promise<void> {
  await session.print(SEPARATOR);
  if (session.o.verbose) await session.print('Test Complete. Summary Results:\n');
  const { senderHasRetransmits, otherSideHasRetransmits, o } = session;
  const has = senderHasRetransmits !== 0 || otherSideHasRetransmits !== 0;
  const kind = o.protocol === 'UDP' ? 'udp' : has ? 'retrans' : 'plain';
  await session.print(header(session, kind));
}

async function direction(session: Session, sender: boolean, list: JsonObject[]): Promise<void> {
  const first = session.streams[0];
  const totals = startTotals(session, first, sender);
  for (const stream of session.streams) {
    if (stream.sender !== sender) continue;
    const json = session.json === undefined ? undefined : new JsonObject();
    if (json !== undefined) list.push(json);
    if (session.o.protocol === 'TCP') await tcpStream(session, stream, totals, json);
    else await udpStream(session, stream, totals, json);
  }
  if (session.o.streams === 1 && session.json === undefined) return;
  if (session.o.protocol === 'TCP') await tcpSum(session, totals);
  else await udpSum(session, totals);
}

function startTotals(session: Session, first: Stream | undefined, sender: boolean): Totals {
  if (first !== undefined) {
    const end = (first.endTime - first.startTime) / 1e6;
    if (first.sender) {
      first.senderTime = end;
      if (first.receiverTime === 0) first.receiverTime = end;
    } else {
      first.receiverTime = end;
      if (first.senderTime === 0) first.senderTime = end;
    }
  }
  const other = session.mode === 'both' && !sender;
  const has = other ? session.otherSideHasRetransmits : session.senderHasRetransmits;
  return {
    sender,
    senderTime: first?.senderTime ?? 0,
    receiverTime: first?.receiverTime ?? 0,
    retransmits: has !== 0,
    sent: 0,
    received: 0,
    retrans: 0,
    packets: 0,
    senderPackets: 0,
    receiverPackets: 0,
    lost: 0,
    jitter: 0,
  };
}

/** Whether this side cannot know what the sender, or the receiver, counted. */
const unknownHere = (session: Session, sender: boolean, what: 'sender' | 'receiver'): boolean =>
  session.role === 's' && sender === (what === 'receiver');

async function line(
  session: Session,
  who: number | 'SUM',
  sender: boolean,
  what: 'sender' | 'receiver',
  text: () => string,
): Promise<void> {
  if (!unknownHere(session, sender, what)) await session.print(text());
  else if (session.o.verbose)
    await session.print(`[${String(who).padStart(3)}] (${NOT_HERE[what]})\n`);
}

const span = (time: number, seconds: number, bytes: number) => ({
  start: 0,
  end: time,
  seconds,
  bytes,
  bits_per_second: rate(bytes, time) * 8,
});

async function tcpStream(
  session: Session,
  s: Stream,
  t: Totals,
  json: JsonObject | undefined,
): Promise<void> {
  const sent = s.bytesSent - s.bytesSentOmit;
  t.sent += sent;
  t.received += s.bytesReceived;
  if (t.retransmits) t.retrans += s.retrans;
  if (json !== undefined) {
    const mean = s.countRtt === 0 ? 0 : Math.floor(s.sumRtt / s.countRtt);
    const more = {
      retransmits: s.retrans,
      max_snd_cwnd: s.maxCwnd,
      max_snd_wnd: s.maxWnd,
      max_rtt: s.maxRtt,
      min_rtt: s.minRtt,
      mean_rtt: mean,
    };
    const ofSender = span(t.senderTime, t.senderTime, sent);
    const ofReceiver = span(t.receiverTime, endOf(session), s.bytesReceived);
    const extra = t.retransmits ? more : {};
    json.add('sender', JsonObject.of({ socket: s.fd, ...ofSender, ...extra, sender: t.sender }));
    json.add('receiver', JsonObject.of({ socket: s.fd, ...ofReceiver, sender: t.sender }));
    return;
  }
  const head = (time: number, bytes: number): string =>
    columns(session, s.fd, t.sender, [0, time], bytes, rate(bytes, time));
  const retrans = t.retransmits ? retransColumn(s.retrans) : PLAIN;
  await line(
    session,
    s.fd,
    t.sender,
    'sender',
    () => `${head(t.senderTime, sent)}${retrans}sender\n`,
  );
  await line(
    session,
    s.fd,
    t.sender,
    'receiver',
    () => `${head(t.receiverTime, s.bytesReceived)}${PLAIN}receiver\n`,
  );
}

const PLAIN = ' '.repeat(18);
const retransColumn = (n: number): string => `  ${String(n).padStart(3)}             `;

function endOf(session: Session): number {
  const first = session.streams[0];
  return first === undefined ? 0 : (first.endTime - first.startTime) / 1e6;
}

async function tcpSum(session: Session, t: Totals): Promise<void> {
  const { senderTime, receiverTime } = t;
  if (session.json !== undefined) {
    const suffix = sumSuffix(session, t.sender);
    const retrans = t.retransmits ? { retransmits: t.retrans } : {};
    const sent = { ...span(senderTime, senderTime, t.sent), ...retrans, sender: t.sender };
    const received = { ...span(receiverTime, receiverTime, t.received), sender: t.sender };
    session.json.end.add(`sum_sent${suffix}`, JsonObject.of(sent));
    session.json.end.add(`sum_received${suffix}`, JsonObject.of(received));
    return;
  }
  const head = (time: number, bytes: number): string =>
    columns(session, 'SUM', t.sender, [0, time], bytes, rate(bytes, time));
  const column = t.retransmits ? retransColumn(t.retrans) : PLAIN;
  await line(
    session,
    'SUM',
    t.sender,
    'sender',
    () => `${head(senderTime, t.sent)}${column}sender\n`,
  );
  await line(
    session,
    'SUM',
    t.sender,
    'receiver',
    () => `${head(receiverTime, t.received)}${PLAIN}receiver\n`,
  );
}

async function udpStream(
  session: Session,
  s: Stream,
  t: Totals,
  json: JsonObject | undefined,
): Promise<void> {
  const senderCount = s.sender ? s.packetCount : s.peerPacketCount;
  const receiverCount = s.sender ? s.peerPacketCount : s.packetCount;
  const count = (senderCount || receiverCount) - s.omittedPackets;
  const sentPackets = senderCount - s.omittedPackets;
  const receivedPackets = receiverCount - s.omittedPackets;
  const lost = s.cntError - s.omittedErrors;
  const late = s.outOfOrder - s.omittedOutOfOrder;
  const sent = s.bytesSent - s.bytesSentOmit;
  t.sent += sent;
  t.received += s.bytesReceived;
  t.packets += count;
  t.senderPackets += sentPackets;
  t.receiverPackets += receivedPackets;
  t.lost += lost;
  t.jitter += s.jitter;
  if (json !== undefined) {
    const udp = {
      socket: s.fd,
      ...span(t.senderTime, t.senderTime, sent),
      jitter_ms: s.jitter * 1000,
      lost_packets: lost,
      packets: count,
      lost_percent: percentOf(lost, sentPackets),
      out_of_order: late,
      sender: t.sender,
    };
    json.add('udp', JsonObject.of(udp));
    return;
  }
  const head = (time: number, bytes: number): string =>
    columns(session, s.fd, t.sender, [0, time], bytes, rate(bytes, time));
  const ofSender = (): string =>
    `${head(t.senderTime, sent)}${udpTail(0, 0, sentPackets, 0)}sender\n`;
  await line(session, s.fd, t.sender, 'sender', ofSender);
  if (late > 0) {
    const when = `${(0).toFixed(1).padStart(4)}-${t.senderTime.toFixed(1).padStart(4)}`;
    await session.print(`[SUM] ${when} sec  ${late} datagrams received out-of-order\n`);
  }
  const percent = percentOf(lost, receivedPackets);
  const ofReceiver = (): string =>
    `${head(t.receiverTime, s.bytesReceived)}${udpTail(s.jitter, lost, receivedPackets, percent)}receiver\n`;
  await line(session, s.fd, t.sender, 'receiver', ofReceiver);
}

async function udpSum(session: Session, t: Totals): Promise<void> {
  const jitter = t.jitter / session.o.streams;
  const percent = percentOf(t.lost, t.packets);
  if (session.json !== undefined) {
    udpSumJson(session.json.end, sumSuffix(session, t.sender), t, jitter, percent);
    return;
  }
  const head = (time: number, bytes: number): string =>
    columns(session, 'SUM', t.sender, [0, time], bytes, rate(bytes, time));
  if (!unknownHere(session, t.sender, 'sender'))
    await session.print(
      `${head(t.senderTime, t.sent)}${udpTail(0, 0, t.senderPackets, 0)}sender\n`,
    );
  if (!unknownHere(session, t.sender, 'receiver'))
    await session.print(
      `${head(t.receiverTime, t.received)}${udpTail(jitter, t.lost, t.receiverPackets, percent)}receiver\n`,
    );
}

function udpSumJson(
  end: JsonObject,
  suffix: string,
  t: Totals,
  jitter: number,
  percent: number,
): void {
  const loss = { jitter_ms: jitter * 1000, lost_packets: t.lost };
  const all = {
    ...span(t.receiverTime, t.receiverTime, t.sent),
    bits_per_second: rate(t.sent, t.senderTime) * 8,
    ...loss,
    packets: t.packets,
    lost_percent: percent,
    sender: t.sender,
  };
  const sent = {
    ...span(t.senderTime, t.senderTime, t.sent),
    jitter_ms: 0,
    lost_packets: 0,
    packets: t.senderPackets,
    lost_percent: 0,
    sender: true,
  };
  const received = {
    ...span(t.receiverTime, t.receiverTime, t.received),
    ...loss,
    packets: t.receiverPackets,
    lost_percent: percent,
    sender: false,
  };
  end.add(`sum${suffix}`, JsonObject.of(all));
  end.add(`sum_sent${suffix}`, JsonObject.of(sent));
  end.add(`sum_received${suffix}`, JsonObject.of(received));
}

/** What it cost: nothing here, since programs take no time of a processor. @deviation Linux shows some percent. */
async function cpu(session: Session): Promise<void> {
  const sender = directions(session).at(-1) === true;
  const [snd, rcv] = sender
    ? [session.congestionUsed, session.remoteCongestionUsed]
    : [session.remoteCongestionUsed, session.congestionUsed];
  const tcp = session.o.protocol === 'TCP';
  if (session.json !== undefined) {
    const names = ['host_total', 'host_user', 'host_system'];
    const remote = ['remote_total', 'remote_user', 'remote_system'];
    const none = Object.fromEntries([...names, ...remote].map((n) => [n, 0]));
    session.json.end.add('cpu_utilization_percent', JsonObject.of(none));
    if (tcp && snd !== undefined) session.json.end.add('sender_tcp_congestion', snd);
    if (tcp && rcv !== undefined) session.json.end.add('receiver_tcp_congestion', rcv);
    return;
  }
  if (!session.o.verbose) return;
  if (session.mode !== 'receiver') {
    await session.print(cpuLine('sender', 'receiver'));
    if (session.mode === 'both') await session.print(cpuLine('receiver', 'sender'));
  }
  if (tcp && snd !== undefined) await session.print(`snd_tcp_congestion ${snd}\n`);
  if (tcp && rcv !== undefined) await session.print(`rcv_tcp_congestion ${rcv}\n`);
}

const cpuLine = (local: string, remote: string): string =>
  `CPU Utilization: local/${local} 0.0% (0.0%u/0.0%s), remote/${remote} 0.0% (0.0%u/0.0%s)\n`;

async function serverOutput(session: Session): Promise<void> {
  if (session.role !== 'c' || session.json !== undefined || session.serverText === undefined)
    return;
  await session.print(`\nServer output:\n${session.serverText}\n`);
}
