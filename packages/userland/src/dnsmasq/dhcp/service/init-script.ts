import { utf8Decode } from '@labwire/core/bytes';
import { POLLIN } from '@labwire/core/sim';
import { exec, type OpenFile, openPipe, type Process } from '../../../machine/index.ts';
import { EC_FILE, Fatal } from '../../fatal.ts';

/** Added to the exit code of a script that failed. */
const EC_INIT_OFFSET = 10;
const COMMAND_NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;

/**
 * Asks --dhcp-script for the leases, where it keeps them itself: `SCRIPT init`.
 * @param take is given what it prints, in the form of a lease file, before its exit code counts
 * @throws Fatal dnsmasq src/lease.c, lease_init()
 */
export async function askScript(
  proc: Process,
  script: string,
  take: (text: string) => void,
): Promise<void> {
  const { reader, writer } = openPipe();
  reader.ref();
  const fds = new Map<number, OpenFile>([...proc.fds, [1, writer]]);
  const argv = ['sh', '-c', `${script} init`];
  const child = proc.spawn(argv, (shell) => exec(shell, '/bin/sh', argv), { fds });
  take(await readAll(proc, reader));
  const status = await proc.waitFor(child);
  const why = status === COMMAND_NOT_FOUND ? 'No such file or directory' : 'Permission denied';
  if (status === COMMAND_NOT_FOUND || status === NOT_EXECUTABLE)
    throw new Fatal(`cannot run lease-init script ${script}: ${why}`, EC_FILE);
  if (status !== 0)
    throw new Fatal(`lease-init script returned exit code ${status}`, status + EC_INIT_OFFSET);
}

async function readAll(proc: Process, reader: OpenFile): Promise<string> {
  let text = '';
  for (;;) {
    const data = reader.read(65_536);
    if (data === undefined)
      await proc.poll([{ on: reader, events: POLLIN }], undefined, 'the lease script');
    else if (data.length > 0) text += utf8Decode(data);
    else break;
  }
  reader.unref();
  return text;
}
