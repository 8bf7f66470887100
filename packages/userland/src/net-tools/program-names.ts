import type { IoSocket } from '@labwire/devices/sock';
import { SocketFile } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';

/** Characters of `PID/NAME` that are shown. PROGNAME_WIDTH less the NUL */
const WIDTH = 19;

/** Which program has which socket open. net-tools netstat.c, prg_cache_load() */
export class ProgramNames {
  readonly #names: Map<IoSocket, string> = new Map();

  /** Reads the processes that the caller may look into, and says so if there are others. */
  static async load(proc: Process): Promise<ProgramNames> {
    const names = new ProgramNames();
    const all = [...proc.machine.processes.values()].sort((a, b) => a.pid - b.pid);
    const visible = all.filter((p) => proc.uid === 0 || p.uid === proc.uid);
    for (const each of visible) names.#add(each);
    if (visible.length < all.length) await proc.err(names.#warning(proc.uid));
    return names;
  }

  /** `PID/NAME`, or `-`. */
  of(socket: IoSocket | undefined): string {
    return (socket === undefined ? undefined : this.#names.get(socket)) ?? '-';
  }

  #add(proc: Process): void {
    const command = proc.argv[0] ?? '';
    const name = command.startsWith('/') ? command.slice(command.lastIndexOf('/') + 1) : command;
    for (const file of proc.fds.values())
      if (file instanceof SocketFile && !this.#names.has(file.socket))
        this.#names.set(file.socket, `${proc.pid}/${name}`.slice(0, WIDTH));
  }

  #warning(uid: number): string {
    if (this.#names.size === 0)
      return `(No info could be read for "-p": geteuid()=${uid} but you should be root.)\n`;
    return '(Not all processes could be identified, non-owned process info\n will not be shown, you would have to be root to see it all.)\n';
  }
}
