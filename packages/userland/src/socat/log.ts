import { civilTime, two } from '../http/index.ts';
import { SocketFile } from '../libc-net/index.ts';
import type { OpenFile, Process } from '../machine/index.ts';
import type { Channel } from './channel.ts';

/** Levels of messages, from those that are always told to those that `-d -d` asks for. */
const LEVELS = 'EWN';

function date(proc: Process): string {
  const t = civilTime(proc.machine.wallClock);
  return `${t.year}/${two(t.month)}/${two(t.day)} ${two(t.hour)}:${two(t.minute)}:${two(t.second)}`;
}

/** What socat says on standard error. socat's error.c, msg() */
export class SocatLog {
  /** How many of {@link LEVELS}. */
  readonly #levels: number;

  /** @param details how often `-d` was given */
  constructor(details: number) {
    this.#levels = 1 + details;
  }

  /** A line: date, process, level, message. */
  async tell(proc: Process, level: 'E' | 'W' | 'N', message: string): Promise<void> {
    if (LEVELS.indexOf(level) < this.#levels)
      await proc.err(`${date(proc)} socat[${proc.pid}] ${level} ${message}\n`);
  }

  /** What happened as it should. */
  notice(proc: Process, message: string): Promise<void> {
    return this.tell(proc, 'N', message);
  }
}

/** The descriptor of a file; -1 if it has none. */
export function fdOfFile(proc: Process, file: OpenFile | undefined): number {
  const isIt = (f: OpenFile) =>
    f === file ||
    (f instanceof SocketFile && file instanceof SocketFile && f.socket === file.socket);
  for (const [fd, f] of proc.fds) if (isIt(f)) return fd;
  return -1;
}

/** `[0,1]`: the descriptors of a channel. */
export function fdPair(proc: Process, { read, write }: Channel): string {
  const [a, b] = [fdOfFile(proc, read), fdOfFile(proc, write)];
  return `[${a < 0 ? b : a},${b < 0 ? a : b}]`;
}
