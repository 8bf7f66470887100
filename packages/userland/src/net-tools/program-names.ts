import type { IoSocket } from '@labwire/devices/sock';
import { openSockets } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';

/** Characters of `PID/NAME` that are shown. PROGNAME_WIDTH less the NUL */
const WIDTH = 19;

/** Which program has which socket open. net-tools netstat.c, prg_cache_load() */
export class ProgramNames {
  readonly #names: Map<IoSocket, string> = new Map();

  /** Reads the processes that the caller may look into, and says so if there are others. */
  static async load(proc: Process): Promise<ProgramNames> {
    const names = new ProgramNames();
    for (const { proc: owner, socket } of openSockets(proc)) names.#add(owner, socket);
    const isHidden = (p: Process) => proc.uid !== 0 && p.uid !== proc.uid;
    if ([...proc.machine.processes.values()].some(isHidden))
      await proc.err(names.#warning(proc.uid));
    return names;
  }

  /** `PID/NAME`, or `-`. */
  of(socket: IoSocket | undefined): string {
    return (socket === undefined ? undefined : this.#names.get(socket)) ?? '-';
  }

  #add({ argv, pid }: Process, socket: IoSocket): void {
    if (this.#names.has(socket)) return;
    const command = argv[0] ?? '';
    const name = command.startsWith('/') ? command.slice(command.lastIndexOf('/') + 1) : command;
    this.#names.set(socket, `${pid}/${name}`.slice(0, WIDTH));
  }

  #warning(uid: number): string {
    if (this.#names.size === 0)
      return `(No info could be read for "-p": geteuid()=${uid} but you should be root.)\n`;
    return '(Not all processes could be identified, non-owned process info\n will not be shown, you would have to be root to see it all.)\n';
  }
}
