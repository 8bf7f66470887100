import { formatUnixName, type UnixSocket } from '@labwire/devices/unix';
import type { Process } from '../machine/index.ts';
import type { ProgramNames } from './program-names.ts';

const TYPES = { stream: 'STREAM', dgram: 'DGRAM', seqpacket: 'SEQPACKET' } as const;

/** Which of them are shown. */
export interface UnixChoice {
  readonly all: boolean;
  readonly listening: boolean;
}

function isShown({ state }: UnixSocket, { all, listening }: UnixChoice): boolean {
  if (all) return true;
  return listening ? state === 'listen' : state === 'established';
}

function stateText({ state, type }: UnixSocket): string {
  if (state === 'listen') return 'LISTENING';
  if (state === 'established') return 'CONNECTED';
  return type === 'stream' ? 'CLOSED' : '';
}

/** The table of UNIX sockets. netstat.c, unix_do_one() */
export function unixLines(
  proc: Process,
  choice: UnixChoice,
  names: ProgramNames | undefined,
): string {
  const shown = proc.netns.unix.list().filter((s) => isShown(s, choice));
  return shown.map((s) => line(s, names)).join('');
}

function line(sock: UnixSocket, names: ProgramNames | undefined): string {
  const refs = sock.peer === undefined || sock.peer.closed ? '2' : '3';
  const flags = sock.state === 'listen' ? '[ ACC ]' : '[ ]';
  const head = `unix  ${refs.padEnd(6)} ${flags.padEnd(11)} ${TYPES[sock.type].padEnd(10)} ${stateText(sock).padEnd(13)} ${String(sock.ino).padEnd(8)} `;
  const program = names === undefined ? '' : `${names.of(sock).padEnd(20)} `;
  return `${head}${program}${sock.name === undefined ? '' : formatUnixName(sock.name)}\n`;
}
