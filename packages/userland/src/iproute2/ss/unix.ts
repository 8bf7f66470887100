import { formatUnixName, type UnixSocket, type UnixType } from '@labwire/devices/unix';
import type { Process } from '../../machine/index.ts';
import { unsupported } from '../parse/index.ts';
import type { SsOptions } from './options.ts';
import { stateBit } from './states.ts';
import type { SsRow } from './table.ts';
import { usersOf } from './users.ts';

/** Tables of sockets of AF_UNIX. */
export type UnixTableName = 'u_str' | 'u_dgr' | 'u_seq';

export const UNIX_TABLES: readonly UnixTableName[] = ['u_str', 'u_dgr', 'u_seq'];

const TABLES: Readonly<Record<UnixType, UnixTableName>> = {
  stream: 'u_str',
  dgram: 'u_dgr',
  seqpacket: 'u_seq',
};

function stateOf({ state }: UnixSocket): 'LISTEN' | 'ESTAB' | 'UNCONN' {
  if (state === 'listen') return 'LISTEN';
  return state === 'established' ? 'ESTAB' : 'UNCONN';
}

/** What stands behind the ends. Source: iproute2 misc/ss.c, unix_show_sock() */
function more(proc: Process, sock: UnixSocket, options: SsOptions): string {
  const users = options.processes ? usersOf(proc, sock) : '';
  let text = users === '' ? '' : ` ${users}`;
  if (options.details) {
    text += ` ${sock.rcvShutdown ? '-' : '<'}-${sock.sndShutdown ? '-' : '>'}`;
    if (sock.state === 'listen') text += ' peers:';
    if (sock.fileIno !== undefined) text += ` ino:${sock.fileIno} dev:8/1`;
  }
  if (options.memory) {
    const waiting = sock.state === 'listen' ? 0 : sock.waitingMemory;
    const sent = sock.state === 'listen' ? 0 : sock.sendQ;
    text += `${options.oneline ? '' : '\n\t'} skmem:(r${waiting},rb${sock.rcvBuf},t0,tb${sock.sndBuf},f0,w${sent},o0,bl0,d0)`;
  }
  return text;
}

/** Whether a name fits a pattern of `*`, `?` and characters. fnmatch(3) */
function fits(pattern: string, name: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(name);
}

/** Reads `src PATTERN`: the one condition on these sockets that is understood. unix_match() */
function nameFilter(words: readonly string[]): (sock: UnixSocket) => boolean {
  if (words.length === 0) return () => true;
  const [key, pattern] = words;
  if (words.length !== 2 || key !== 'src' || pattern === undefined)
    throw unsupported(
      `The filter '${words.join(' ')}' of UNIX sockets`,
      "src PATTERN, as in src '/run/*'",
    );
  const bare = pattern.replace(/^unix:/, '');
  return (sock) => sock.name !== undefined && fits(bare, formatUnixName(sock.name));
}

/** The sockets of AF_UNIX as lines of the table. @param words the expression */
export function unixRows(proc: Process, options: SsOptions, words: readonly string[]): SsRow[] {
  const wanted = UNIX_TABLES.filter((t) => options.tables.has(t));
  if (wanted.length === 0) return [];
  const passes = nameFilter(words);
  return proc.netns.unix
    .list()
    .filter((s) => wanted.includes(TABLES[s.type]))
    .filter((s) => (options.states & stateBit(stateOf(s))) !== 0 && passes(s))
    .map((s) => [
      TABLES[s.type],
      stateOf(s),
      String(s.recvQ).padEnd(6),
      String(s.sendQ).padEnd(6),
      `${s.name === undefined ? '*' : formatUnixName(s.name)} `,
      String(s.ino),
      '* ',
      String(s.peer === undefined || s.peer.closed ? 0 : s.peer.ino),
      more(proc, s, options),
    ]);
}
