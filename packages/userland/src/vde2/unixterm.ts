import { KernelError, strerror } from '@labwire/core/error';
import { POLLIN } from '@labwire/core/sim';
import { connectUnix, openUnix } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';

const CHUNK = 4096;

/** unixterm(1) and vdeterm(1): what is typed goes to a socket, and what it says is shown. */
export async function unixterm(proc: Process): Promise<number> {
  const sock = openUnix(proc, 'stream');
  try {
    await connectUnix(proc, sock, { abstract: false, name: proc.argv[1] ?? '' });
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    const why = strerror(proc.argv[1] === undefined ? 'ENOENT' : e.errno);
    await proc.err(`Socket connecting error: ${why}\n`);
    return 255;
  }
  const stdin = proc.file(0);
  for (;;) {
    await proc.poll(
      [stdin, sock].map((on) => ({ on, events: POLLIN })),
      undefined,
      'its socket',
    );
    const got = sock.recv(CHUNK)?.data;
    if (got?.length === 0) return 0;
    if (got !== undefined) await proc.write(1, got);
    const typed = stdin.read(CHUNK);
    if (typed?.length === 0) return 0;
    if (typed !== undefined) sock.send(typed);
  }
}
