import { createServer, type Server, type Socket } from 'node:net';

/** Listens on a Unix socket. */
export async function listenAt(path: string, accept: (socket: Socket) => void): Promise<Server> {
  const server = createServer(accept);
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen({ path }, () => {
      server.off('error', fail);
      done();
    });
  });
  return server;
}
