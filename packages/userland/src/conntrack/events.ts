/** `conntrack -E`: tells of connections as they come, change and go, until a signal ends it. */
import { type Nanos, POLLIN } from '@labwire/core/sim';
import {
  type ConntrackEvent,
  type CtInfo,
  ctInfo,
  IPCT_MARK,
  IPCT_PROTOINFO,
  type NfConn,
} from '@labwire/devices/conntrack';
import { SignalFlag } from '../libc-net/index.ts';
import { SIGINT, SIGTERM } from '../machine/index.ts';
import {
  EVENT_DESTROY,
  EVENT_NEW,
  EVENT_UPDATE,
  O_SAVE,
  O_TMS,
  O_XML,
} from './command-line/index.ts';
import { BANNER } from './error.ts';
import { passes } from './filter.ts';
import { entryLine, entrySave, entryXml, type Happening, type Shown } from './print/index.ts';
import { clockOf, type Run, XML_HEAD } from './session.ts';

const BITS: Readonly<Record<ConntrackEvent, number>> = {
  new: EVENT_NEW,
  update: EVENT_UPDATE,
  destroy: EVENT_DESTROY,
};
const HAPPENINGS: Readonly<Record<ConntrackEvent, Happening>> = {
  new: 'NEW',
  update: 'UPDATE',
  destroy: 'DESTROY',
};
/** The least that a netlink socket's buffer can be, bytes. */
const MIN_BUFFER = 2304;

/** What the kernel's message about an event has. `ctnetlink_conntrack_event()` */
function shownOf(event: ConntrackEvent, ct: CtInfo, what: number, now: Nanos): Shown {
  const gone = event === 'destroy';
  return {
    ct,
    what: HAPPENINGS[event],
    timeout: !gone || ct.timeout > 0,
    state: gone || (what & IPCT_PROTOINFO) !== 0,
    mark: ct.mark !== 0 || (what & IPCT_MARK) !== 0,
    counters: gone,
    use: undefined,
    ...(gone ? { stoppedAt: now } : {}),
  };
}

/** One line; `requester`: whose request it was. */
function eventText(run: Run, s: Shown, requester: number): string {
  const { output } = run.line;
  const clock = clockOf(run.proc);
  const isXml = (output & (O_XML | O_SAVE)) === O_XML;
  let text = '';
  if ((output & O_SAVE) !== 0) text = entrySave(s);
  else if (isXml) text = entryXml(s, output, clock);
  else {
    if ((output & O_TMS) !== 0) text = `${stamp(clock.wall)}\t`;
    text += entryLine(s, output, clock);
  }
  return requester === 0 ? text : `${text} [USERSPACE] portid=${requester} progname=conntrack`;
}

/** `[SECONDS.MICROSECONDS]` since 1970. */
function stamp(wall: number): string {
  const micros = Math.round((wall % 1) * 1e6) % 1_000_000;
  return `[${Math.floor(wall)}.${String(micros).padStart(6, '0')}]`;
}

/** When the next connection ends by its time-out. */
function nextEnd({ proc }: Run): Nanos | undefined {
  const ends = proc.netns.netfilter.conntrack.list().map((ct) => ct.expires);
  return ends.length === 0 ? undefined : Math.max(0, Math.min(...ends) - proc.now);
}

/** Prints events until SIGINT or SIGTERM. Nothing ends by itself: whoever listens here asks for what is over. */
export async function events(run: Run): Promise<void> {
  const { line, proc, report } = run;
  const { conntrack } = proc.netns.netfilter;
  if (line.given.has('b'))
    await report.err(
      `NOTICE: Netlink socket buffer size has been set to ${Math.max(2 * line.bufferSize, MIN_BUFFER)} bytes.\n`,
    );
  const stop = SignalFlag.catch(proc, SIGINT, SIGTERM);
  const news = new SignalFlag();
  const queue: string[] = [];
  const wanted = line.given.has('e') ? line.events : EVENT_NEW | EVENT_UPDATE | EVENT_DESTROY;
  const hear = (event: ConntrackEvent, conn: NfConn, what: number): void => {
    if ((wanted & BITS[event]) === 0) return;
    const ct = ctInfo(conn, proc.now);
    if ((line.family !== undefined && line.family !== ct.family) || !passes(line, ct)) return;
    queue.push(eventText(run, shownOf(event, ct, what, proc.now), conntrack.requester));
    news.raise();
  };
  const silence = conntrack.events.listen(hear);
  try {
    await listen(run, stop, news, queue);
  } finally {
    silence();
  }
}

async function listen(
  run: Run,
  stop: SignalFlag,
  news: SignalFlag,
  queue: string[],
): Promise<void> {
  const { line, proc, report } = run;
  const isXml = (line.output & (O_XML | O_SAVE)) === O_XML;
  while (!stop.raised) {
    const items = [stop, news].map((on) => ({ on, events: POLLIN }));
    await proc.poll(items, nextEnd(run), 'events of connections');
    proc.netns.netfilter.conntrack.sweep();
    news.raised = false;
    for (const text of queue.splice(0)) {
      if (isXml && run.count === 0) await report.out(XML_HEAD);
      await report.out(`${text}\n`);
      run.count++;
    }
    await report.flush();
  }
  if (isXml && run.count > 0) await report.out('</conntrack>\n');
  await report.flush();
  await report.err(`${BANNER}${run.count} flow events have been shown.\n`);
}
