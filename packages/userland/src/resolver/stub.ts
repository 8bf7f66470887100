import { get16, put16 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { SEC } from '@labwire/core/sim';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import type { Socket } from '@labwire/devices/sock';
import {
  closeSocket,
  connect,
  familyOf,
  openTcp,
  openUdp,
  recv,
  sendAll,
} from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { type DnsAnswer, NOERROR, NXDOMAIN, readAnswer, writeQuery } from './dns-message.ts';
import type { ResolvConf } from './resolv-conf.ts';

/** The stub resolver of glibc (resolv/res_send.c): one server after the other, each round with more patience. */

const DNS_PORT = 53;
/** Bytes of an answer over UDP that are asked for with EDNS: RESOLV_EDNS_BUFFER_SIZE. */
const EDNS_MAX = 1200;
/** RFC 1035 section 4.1.1 */
const SERVFAIL = 2;

/** One outstanding question. */
interface Question {
  readonly id: number;
  readonly name: string;
  readonly type: number;
  readonly bytes: Uint8Array;
  answer: DnsAnswer | undefined;
}

/** Why no server settled a question: none listens, one has failed, or something else (silence, a refusal). */
export type QueryFailure = 'ECONNREFUSED' | 'SERVFAIL' | 'other';

function accepts(q: Question, answer: DnsAnswer): boolean {
  return (
    q.answer === undefined &&
    answer.id === q.id &&
    answer.qtype === q.type &&
    answer.qname.toLowerCase() === q.name.toLowerCase().replace(/\.$/, '')
  );
}

/** Whether an answer settles the question; another code sends the resolver on to the next server. */
function settles(answer: DnsAnswer): boolean {
  return answer.rcode === NOERROR || answer.rcode === NXDOMAIN;
}

async function readExactly(
  proc: Process,
  sock: Socket,
  n: number,
  patience: number,
): Promise<Uint8Array | undefined> {
  const out = new Uint8Array(n);
  for (let at = 0; at < n; ) {
    const got = await recv(proc, sock, n - at, patience);
    if (got === undefined || got.data.length === 0) return undefined;
    out.set(got.data, at);
    at += got.data.length;
  }
  return out;
}

/** Asks one question over TCP, each message behind its length. RFC 1035 section 4.2.2 */
async function askTcp(
  proc: Process,
  server: InetAddr,
  q: Question,
  patience: number,
): Promise<DnsAnswer | undefined> {
  const sock = openTcp(proc, familyOf(server));
  try {
    await connect(proc, sock, { addr: server, port: DNS_PORT }, patience);
    const framed = new Uint8Array(q.bytes.length + 2);
    put16(framed, 0, q.bytes.length);
    framed.set(q.bytes, 2);
    await sendAll(proc, sock, framed, patience);
    const length = await readExactly(proc, sock, 2, patience);
    if (length === undefined) return undefined;
    const body = await readExactly(proc, sock, get16(length, 0), patience);
    const answer = body === undefined ? undefined : readAnswer(body);
    return answer !== undefined && accepts(q, answer) ? answer : undefined;
  } catch (e) {
    if (e instanceof KernelError) return undefined;
    throw e;
  } finally {
    closeSocket(proc, sock);
  }
}

async function collectUdp(
  proc: Process,
  sock: Socket,
  questions: readonly Question[],
  patience: number,
): Promise<QueryFailure> {
  const end = proc.now + patience;
  while (questions.some((q) => q.answer === undefined)) {
    const got = await recv(proc, sock, EDNS_MAX, Math.max(0, end - proc.now));
    if (got === undefined) return 'other';
    const answer = readAnswer(got.data);
    const q = answer && questions.find((each) => accepts(each, answer));
    if (q === undefined || answer === undefined) continue;
    if (!settles(answer)) return answer.rcode === SERVFAIL ? 'SERVFAIL' : 'other';
    q.answer = answer;
  }
  return 'other';
}

/** Asks all questions of one server over UDP, and again over TCP those whose answers were cut. @returns why some are open */
async function askServer(
  proc: Process,
  server: InetAddr,
  questions: readonly Question[],
  patience: number,
  useVc: boolean,
): Promise<QueryFailure> {
  const sock = openUdp(proc, familyOf(server));
  let failure: QueryFailure = 'other';
  try {
    if (!useVc) {
      sock.connect({ addr: server, port: DNS_PORT });
      for (const q of questions) if (q.answer === undefined) sock.send(q.bytes);
      failure = await collectUdp(proc, sock, questions, patience);
    }
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    if (e.errno === 'ECONNREFUSED') failure = 'ECONNREFUSED';
  } finally {
    closeSocket(proc, sock);
  }
  for (const q of questions) {
    if (useVc ? q.answer !== undefined : q.answer?.truncated !== true) continue;
    q.answer = undefined;
    const answer = await askTcp(proc, server, q, patience);
    if (answer !== undefined && settles(answer)) q.answer = answer;
  }
  return failure;
}

/** Where each process that rotates is. */
const turns = new WeakMap<Process, number>();

/** The servers in the order in which they are asked this time. glibc resolv/res_send.c, nameserver_offset() */
function inTurn(proc: Process, { nameservers, rotate }: ResolvConf): readonly InetAddr[] {
  const count = nameservers.length;
  if (!rotate || count < 2) return nameservers;
  const turn = turns.get(proc) ?? proc.machine.kernel.random.below(count);
  turns.set(proc, (turn + 1) % count);
  return [...nameservers.slice(turn), ...nameservers.slice(0, turn)];
}

/**
 * Asks for the records of one fully qualified name, all types at once.
 * @returns an answer per type, NOERROR or NXDOMAIN, or undefined where no server gave one; and why not
 */
export async function query(
  proc: Process,
  conf: ResolvConf,
  name: string,
  types: readonly number[],
): Promise<{
  readonly answers: readonly (DnsAnswer | undefined)[];
  readonly failure: QueryFailure;
}> {
  const random = proc.machine.kernel.random;
  const questions: Question[] = [];
  for (const type of types) {
    const id = random.below(0x10000);
    const bytes = writeQuery(id, name, type, conf.edns0 ? EDNS_MAX : 0);
    if (bytes === undefined) return { answers: types.map(() => undefined), failure: 'other' };
    questions.push({ id, name, type, bytes, answer: undefined });
  }
  const servers = inTurn(proc, conf);
  const answered = () => questions.map((q) => q.answer);
  let failure: QueryFailure = 'other';
  for (let round = 0; round < conf.attempts; round++) {
    const share = Math.max(
      1,
      Math.floor((conf.timeout << round) / (round > 0 ? conf.nameservers.length : 1)),
    );
    for (const server of servers) {
      failure = await askServer(proc, server, questions, share * SEC, conf.useVc);
      if (questions.every((q) => q.answer !== undefined)) return { answers: answered(), failure };
    }
  }
  return { answers: answered(), failure };
}
