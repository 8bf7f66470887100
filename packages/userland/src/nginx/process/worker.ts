import { KernelError } from '@labwire/core/error';
import { POLLIN } from '@labwire/core/sim';
import {
  EventLoop,
  installSocket,
  SignalFlag,
  type Strand,
  type StreamSocket,
} from '../../libc-net/index.ts';
import { type Process, type Program, SIGINT, SIGQUIT, SIGTERM } from '../../machine/index.ts';
import type { Configuration, Listening } from '../conf/index.ts';
import { Connection, type LogFiles, type WorkerContext } from '../serve/index.ts';

/** What a worker gets from its master. */
export interface WorkerSetup {
  readonly conf: Configuration;
  readonly logs: LogFiles;
  readonly sockets: ReadonlyMap<Listening, StreamSocket>;
  readonly nextConnection: () => number;
}

/** A worker process: takes connections and answers them until it is told to stop. nginx src/os/unix/ngx_process_cycle.c */
export function worker(setup: WorkerSetup): Program {
  return async (proc: Process) => {
    proc.comm = 'nginx';
    const quit = SignalFlag.catch(proc, SIGQUIT);
    const stop = SignalFlag.catch(proc, SIGTERM, SIGINT);
    const { conf, logs, nextConnection } = setup;
    const context: WorkerContext = {
      proc,
      conf,
      logs,
      nextConnection,
      stopping: () => quit.raised,
    };
    const loop = new EventLoop(proc);
    const accepting = { on: true };
    for (const [listening, sock] of setup.sockets)
      loop.add(acceptor(context, loop, listening, sock, accepting));
    loop.add(watch(stop));
    loop.add(watch(quit));
    while (!stop.raised) {
      if (quit.raised && accepting.on) {
        accepting.on = false;
        for (const fd of [...proc.fds.keys()]) if (isListener(proc, fd, setup)) proc.close(fd);
      }
      if (quit.raised && loop.size <= idleStrands(setup)) break;
      await loop.turn();
    }
    return 0;
  };
}

/** Strands that are there without any connection: those that accept, and the one that watches for SIGTERM. */
function idleStrands(setup: WorkerSetup): number {
  return setup.sockets.size + 1;
}

function isListener(proc: Process, fd: number, setup: WorkerSetup): boolean {
  const file = proc.fds.get(fd) as { readonly socket?: unknown } | undefined;
  return [...setup.sockets.values()].some((sock) => sock === file?.socket);
}

function* watch(flag: SignalFlag): Strand {
  yield { on: flag, events: POLLIN };
}

function* acceptor(
  w: WorkerContext,
  loop: EventLoop,
  listening: Listening,
  sock: StreamSocket,
  accepting: { readonly on: boolean },
): Strand {
  for (;;) {
    const conn = accepting.on ? takeOne(sock) : undefined;
    if (conn === undefined) {
      if (accepting.on) yield { on: sock, events: POLLIN };
      else yield {};
      continue;
    }
    installSocket(w.proc, conn);
    loop.add(new Connection(w, conn, listening).serve());
  }
}

function takeOne(sock: StreamSocket): StreamSocket | undefined {
  try {
    return sock.accept();
  } catch (e) {
    if (e instanceof KernelError) return undefined;
    throw e;
  }
}
