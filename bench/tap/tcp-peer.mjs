// The kernel's end of a bulk TCP connection: `send HOST PORT SECONDS`, `receive HOST PORT SECONDS`, or `serve PORT`, which takes what
// comes at PORT and sends without end at PORT + 1. Prints the bytes that have passed and the seconds that it took.
import { createConnection, createServer } from 'node:net';

const CHUNK = Buffer.alloc(262_144, 0x55);
const [what, ...rest] = process.argv.slice(2);

function fill(socket) {
  while (socket.writable && socket.write(CHUNK));
  socket.once('drain', () => fill(socket));
}

function connect(host, port, onread) {
  return new Promise((done, fail) => {
    const socket = createConnection({ host, port, onread }, () => done(socket));
    socket.once('error', fail);
  });
}

if (what === 'serve') {
  const port = Number(rest[0]);
  createServer((socket) => socket.on('error', () => undefined).resume()).listen(port);
  createServer((socket) => fill(socket.on('error', () => undefined).setNoDelay())).listen(
    port + 1,
    () => console.log('ready'),
  );
} else {
  const [host, port, seconds] = rest;
  let got = 0;
  const buffer = Buffer.alloc(262_144);
  const onread = { buffer, callback: (n) => (got += n) };
  const socket = await connect(host, Number(port), what === 'receive' ? onread : undefined);
  const began = process.hrtime.bigint();
  if (what === 'send') fill(socket);
  setTimeout(() => {
    const took = Number(process.hrtime.bigint() - began) / 1e9;
    const bytes = what === 'receive' ? got : socket.bytesWritten - socket.writableLength;
    console.log(JSON.stringify({ bytes, seconds: took }));
    socket.destroy();
    process.exit();
  }, Number(seconds) * 1000);
}
