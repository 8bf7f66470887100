import { createConnection } from 'node:net';

/** What a `net.Socket` is built upon: a descriptor that libuv watches. */
export interface PipeHandle {
  /** @returns 0, or an error number of libuv's */
  open(fd: number): number;
}

/**
 * Puts a descriptor that can be polled under libuv's watch. Node takes descriptors of sockets and pipes only, by their type;
 * its own class for pipes takes any. That class has no name of its own: it is found at a socket that is on its way to
 * nowhere.
 * @throws Error if this Node has it no more
 */
export function pipeHandle(fd: number): PipeHandle {
  const socket = createConnection('/dev/null/nowhere');
  socket.on('error', () => undefined);
  const { _handle } = socket as unknown as { _handle?: object };
  socket.destroy();
  const Pipe = _handle?.constructor as (new (type: number) => PipeHandle) | undefined;
  if (Pipe === undefined) throw new Error(`Node ${process.version} keeps its pipes to itself`);
  const handle = new Pipe(0);
  const code = handle.open(fd);
  if (code !== 0) throw new Error(`uv_pipe_open: ${code}`);
  return handle;
}
