// The kernel's end of a TCP connection: `send HOST PORT FILE`, or `receive PORT FILE`, which says when it listens.
import { createReadStream, createWriteStream } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { pipeline } from 'node:stream/promises';

const [what, ...rest] = process.argv.slice(2);
if (what === 'send') {
  const [host, port, file] = rest;
  const socket = createConnection({ host, port: Number(port) });
  await pipeline(createReadStream(file), socket);
} else {
  const [port, file] = rest;
  const server = createServer(async (socket) => {
    server.close();
    socket.end();
    await pipeline(socket, createWriteStream(file));
    console.log('received');
  });
  server.listen(Number(port), () => console.log('listening'));
}
