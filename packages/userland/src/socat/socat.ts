import { KernelError } from '@labwire/core/error';
import { type Nanos, POLLIN, POLLOUT, SEC } from '@labwire/core/sim';
import { type GetoptTable, getopt, openUnixPair } from '../libc-net/index.ts';
import type { PollItem, Process } from '../machine/index.ts';
import { parseAddress, SocatError } from './address.ts';
import { type Channel, DEFAULT_LINGER } from './channel.ts';
import { type DumpOptions, dump } from './dump.ts';
import { fdOfFile, fdPair, SocatLog } from './log.ts';
import { openAddress } from './open-address.ts';

/** Bytes that one transfer moves. Option -b */
const BLOCK = 8192;

/** How the data goes, and for how long. */
interface SocatOptions {
  readonly forward: boolean;
  readonly backward: boolean;
  readonly linger: Nanos;
  readonly idle: Nanos | undefined;
  readonly dump: DumpOptions | undefined;
  readonly log: SocatLog;
}

/** What its command line may hold. */
export const SOCAT_OPTIONS: GetoptTable = { letters: '+duUvxVt:T:b:s46h' };

/** socat(1). */
export async function socat(proc: Process): Promise<number> {
  const { options, operands, error } = getopt(proc.argv.slice(1), SOCAT_OPTIONS.letters);
  const log = new SocatLog(options.filter((o) => o.opt === 'd').length);
  const merged = mergedOptions(proc.argv);
  if (merged !== undefined) {
    await proc.err(merged);
    return 1;
  }
  try {
    return await run(proc, log, { options, operands, error });
  } catch (e) {
    if (!(e instanceof SocatError)) throw e;
    await log.tell(proc, 'E', e.message);
    await log.notice(proc, 'exit(1)');
    return 1;
  }
}

/** The complaint about options like `-vx`, which socat does not take apart; undefined if there are none. */
function mergedOptions(argv: readonly string[]): string | undefined {
  const merged = argv.slice(1).find((w) => /^-[duUvxs46hV]{2,}$/.test(w) && !/^-(.)\1*$/.test(w));
  if (merged === undefined) return undefined;
  const apart = [...merged.slice(1)].map((c) => `-${c}`).join(' ');
  return `Do not merge single character options, i.e. use "${apart}" instead of "${merged}"\n`;
}

async function run(
  proc: Process,
  log: SocatLog,
  { options, operands, error }: ReturnType<typeof getopt>,
): Promise<number> {
  if (error !== undefined) {
    const word = /'(.)'$/.exec(error)?.[1] ?? '';
    throw new SocatError(`unknown option "-${word}"; use option "-h" for help`);
  }
  const flags = new Map(options.map((o) => [o.opt, o.arg ?? '']));
  if (flags.has('V')) {
    await proc.out(
      'socat by Gerhard Rieger and contributors - see www.dest-unreach.org\nsocat version 1.7.4.4\n',
    );
    return 0;
  }
  if (operands.length !== 2)
    throw new SocatError(
      `exactly 2 addresses required (there are ${operands.length}); use option "-h" for help`,
    );
  const how: SocatOptions = {
    forward: !flags.has('U'),
    backward: !flags.has('u'),
    linger: flags.has('t') ? Number(flags.get('t')) * SEC : DEFAULT_LINGER,
    idle: flags.has('T') ? Number(flags.get('T')) * SEC : undefined,
    dump:
      flags.has('v') || flags.has('x') ? { text: flags.has('v'), hex: flags.has('x') } : undefined,
    log,
  };
  const [first, second] = operands.map(parseAddress);
  if (first === undefined || second === undefined) return 1;
  reserveDescriptors(proc);
  const serve = async (child: Process, channel: Channel): Promise<number> => {
    try {
      return await transfer(child, channel, await openAddress(child, second, serve, log), how);
    } catch (e) {
      if (!(e instanceof SocatError)) throw e;
      await log.tell(child, 'E', e.message);
      return 1;
    }
  };
  const left = await openAddress(proc, first, serve, log);
  const serveLeft = (child: Process, channel: Channel) => transfer(child, left, channel, how);
  const right = await openAddress(proc, second, serveLeft, log);
  return transfer(proc, left, right, how);
}

/** socat keeps two descriptors for the signals of its children: sockets begin at 5. */
function reserveDescriptors(proc: Process): void {
  openUnixPair(proc, 'dgram');
}

/** One direction of the transfer. */
interface Direction {
  readonly from: Channel;
  readonly to: Channel;
  readonly sign: '>' | '<';
  pending: Uint8Array;
  /** Bytes that have gone this way. */
  passed: number;
  open: boolean;
}

/** Moves data until both directions have ended, or one has and the other is silent for a while. xio_engine */
async function transfer(
  proc: Process,
  left: Channel,
  right: Channel,
  how: SocatOptions,
): Promise<number> {
  const directions: Direction[] = [];
  const add = (from: Channel, to: Channel, sign: '>' | '<') => {
    if (from.read !== undefined && to.write !== undefined)
      directions.push({ from, to, sign, pending: new Uint8Array(0), passed: 0, open: true });
  };
  if (how.forward) add(left, right, '>');
  if (how.backward) add(right, left, '<');
  const { log } = how;
  const pairs = `${fdPair(proc, left)} and ${fdPair(proc, right)}`;
  await log.notice(proc, `starting data transfer loop with FDs ${pairs}`);
  const all = directions.length;
  while (directions.some((d) => d.open)) {
    const oneEnded = directions.filter((d) => d.open).length < all;
    const limit = oneEnded ? how.linger : how.idle;
    if (!(await proc.poll(items(directions), limit, 'data for socat'))) break;
    for (const d of directions) if (d.open) await step(proc, d, how);
  }
  const child = left.child ?? right.child;
  if (child !== undefined && child.exitCode === undefined) await proc.poll([], how.linger);
  left.close?.();
  right.close?.();
  await log.notice(proc, 'exiting with status 0');
  return 0;
}

function items(directions: readonly Direction[]): PollItem[] {
  const found: PollItem[] = [];
  for (const d of directions) {
    if (!d.open || d.from.read === undefined || d.to.write === undefined) continue;
    if (d.pending.length === 0) found.push({ on: d.from.read, events: POLLIN });
    else found.push({ on: d.to.write, events: POLLOUT });
  }
  return found;
}

async function step(proc: Process, d: Direction, how: SocatOptions): Promise<void> {
  try {
    if (d.pending.length === 0) {
      const data = d.from.read?.read(BLOCK);
      if (data === undefined) return;
      if (data.length === 0) {
        const side = d.sign === '>' ? 1 : 2;
        await how.log.notice(proc, `socket ${side} (fd ${fdOfFile(proc, d.from.read)}) is at EOF`);
        d.open = false;
        d.to.endWrite();
        return;
      }
      d.pending = convert(data, d.from.crnl, d.to.crnl);
      if (how.dump !== undefined) await proc.err(dump(proc, how.dump, d.sign, d.pending, d.passed));
      d.passed += d.pending.length;
    }
    const taken = d.to.write?.write(d.pending);
    if (taken !== undefined) d.pending = d.pending.subarray(taken);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    d.open = false;
  }
}

/** CRLF on a side that asks for it, LF on the other. */
function convert(data: Uint8Array, fromCrnl: boolean, toCrnl: boolean): Uint8Array {
  if (fromCrnl === toCrnl) return data;
  if (fromCrnl) return data.filter((b) => b !== 13);
  const out: number[] = [];
  for (const byte of data) {
    if (byte === 10) out.push(13);
    out.push(byte);
  }
  return Uint8Array.from(out);
}
