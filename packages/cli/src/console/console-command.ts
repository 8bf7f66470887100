import { createConnection, type Socket } from 'node:net';
import { type ConsolePath, consolePaths } from '@labwire/attach/qemu';
import { LabwireError } from '@labwire/core/error';
import { EXIT_OK, type Io } from '../io.ts';
import { ConsoleView } from './guest-console.ts';

/** A console that answers. */
interface Found extends ConsolePath {
  readonly socket: Socket;
}

/**
 * Joins this terminal to the console of a real guest until Ctrl-], the guest's end, or the end of a pipe.
 * @throws LabwireError if no lab has such a guest
 */
export async function consoleCommand(guest: string | undefined, io: Io): Promise<number> {
  const { stdin } = process;
  const { socket, guest: name } = await pick(guest);
  const view = new ConsoleView(
    name,
    io,
    (keys) => socket.write(keys),
    () => socket.end(),
  );
  socket.on('data', (output) => view.show(output));
  socket.resume();
  const onKeys = (keys: Uint8Array): void => view.onKeys(keys);
  if (stdin.isTTY) stdin.setRawMode(true);
  stdin.on('data', onKeys);
  stdin.on('end', () => socket.end());
  await new Promise<void>((done) => {
    socket.on('error', () => socket.destroy());
    socket.on('close', () => done());
  });
  stdin.off('data', onKeys);
  if (stdin.isTTY) stdin.setRawMode(false);
  stdin.unref();
  io.out('\n');
  return EXIT_OK;
}

async function pick(guest: string | undefined): Promise<Found> {
  const all = await Promise.all(consolePaths().map(connect));
  const found = all.filter((f) => f !== undefined);
  const wanted = found.filter((f) => guest === undefined || f.guest === guest);
  const [one] = wanted;
  for (const other of found) if (other !== one || wanted.length > 1) other.socket.destroy();
  if (one !== undefined && wanted.length === 1) return one;
  throw new LabwireError(complaint(guest, found, wanted.length));
}

function complaint(guest: string | undefined, found: readonly Found[], wanted: number): string {
  if (found.length === 0)
    return 'console: no real guest runs; labwire up LAB --qemu starts those of a lab';
  const names = [...new Set(found.map((f) => f.guest))].join(', ');
  if (wanted > 1 && guest !== undefined)
    return `console: several labs have a guest ${guest}; end one of them`;
  return guest === undefined
    ? `console: several guests run; name one of ${names}`
    : `console: no guest is named ${guest}; write one of ${names}`;
}

function connect(at: ConsolePath): Promise<Found | undefined> {
  return new Promise((done) => {
    const socket = createConnection(at.path);
    socket.pause();
    socket.once('connect', () => done({ ...at, socket }));
    socket.once('error', () => done(undefined));
  });
}
