import type { Netns } from '@labwire/devices/netns';
import { formatUnixName, type UnixSocket } from '@labwire/devices/unix';
import type { VirtualFile } from '../fs/index.ts';

/** SOCK_* */
const TYPES = { stream: 1, dgram: 2, seqpacket: 5 } as const;
/** `__SO_ACCEPTCON` */
const ACCEPTCON = 0x10000;
/** SS_UNCONNECTED, SS_CONNECTED */
const UNCONNECTED = 1;
const CONNECTED = 3;

const hex = (n: number, width: number): string => n.toString(16).toUpperCase().padStart(width, '0');

/** Linux net/unix/af_unix.c, unix_seq_show() */
function line(sock: UnixSocket): string {
  const refs = sock.peer === undefined || sock.peer.closed ? 2 : 3;
  const flags = sock.state === 'listen' ? ACCEPTCON : 0;
  const state = sock.state === 'established' ? CONNECTED : UNCONNECTED;
  const head = `${hex(0, 16)}: ${hex(refs, 8)} ${hex(0, 8)} ${hex(flags, 8)} ${hex(TYPES[sock.type], 4)} ${hex(state, 2)} ${String(sock.ino).padStart(5)}`;
  return `${head}${sock.name === undefined ? '' : ` ${formatUnixName(sock.name)}`}\n`;
}

/** /proc/net/unix */
export const PROC_NET_UNIX: VirtualFile = {
  read: ({ netns }: { readonly netns: Netns }) =>
    `Num       RefCount Protocol Flags    Type St Inode Path\n${netns.unix.list().map(line).join('')}`,
};
