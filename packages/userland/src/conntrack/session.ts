/** What every command works with. */
import { KernelError } from '@labwire/core/error';
import type { CtInfo } from '@labwire/devices/conntrack';
import type { Process } from '../machine/index.ts';
import type { Command, CommandLine } from './command-line/index.ts';
import { O_SAVE, O_XML } from './command-line/index.ts';
import { ConntrackError, OTHER_PROBLEM } from './error.ts';
import {
  type Clock,
  entryLine,
  entrySave,
  entryXml,
  type Happening,
  listed,
} from './print/index.ts';
import type { Report } from './report.ts';

/** What a command runs with. */
export interface Run {
  readonly proc: Process;
  readonly report: Report;
  readonly line: CommandLine;
  /** Entries that were shown, changed or ended. */
  count: number;
}

/** What is around a listing as XML. */
export const XML_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<conntrack>\n';
export const XML_TAIL = '</conntrack>\n';

/** The time, for what is printed. */
export function clockOf(proc: Process): Clock {
  return { wall: proc.machine.wallClock, now: proc.now };
}

/** `err2str()` */
function errorText(e: KernelError, command: Command | undefined): string {
  const is = (commands: string): boolean => command !== undefined && commands.includes(command);
  if (e.errno === 'EINVAL' && command !== 'A') return 'invalid parameters';
  if (e.errno === 'EEXIST' && command === 'I') return 'Such conntrack exists, try -U to update';
  if (e.errno === 'ENOENT' && is('IGDA')) return "such conntrack doesn't exist";
  if (e.errno === 'ENOENT' && command === 'XI') return 'master conntrack not found';
  if (e.errno === 'EPERM')
    return 'sorry, you must be root or get CAP_NET_ADMIN capability to do this';
  return e.message;
}

/** Asks the kernel. @throws ConntrackError if it refuses */
export function ask<T>({ line, proc }: Run, request: () => T): T {
  try {
    if (proc.uid !== 0) throw new KernelError('EPERM');
    return request();
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    throw new ConntrackError(OTHER_PROBLEM, `Operation failed: ${errorText(e, line.command)}`);
  }
}

/** One entry as -o wants it. */
export function entry({ line, proc }: Run, ct: CtInfo, use: number, what: Happening): string {
  const shown = listed(ct, use);
  if ((line.output & O_SAVE) !== 0) return entrySave({ ...shown, what });
  return (line.output & O_XML) !== 0
    ? entryXml(shown, line.output, clockOf(proc))
    : entryLine(shown, line.output, clockOf(proc));
}
