import { LabwireError } from '@labwire/core/error';
import { DatagramWire } from './datagram-wire.ts';
import { MacvtapWire } from './macvtap-wire.ts';
import { StreamWire } from './stream-wire.ts';
import { TapWire } from './tap-wire.ts';
import type { Wire } from './wire.ts';

const LOCAL = '127.0.0.1';
/** Bytes of the longest path of a socket, which the system cuts without a word. unix(7), sun_path */
const LONGEST_PATH = 107;
const FORMS =
  'tap:NAME, macvtap:IF, unix:PATH, tcp:127.0.0.1:PORT, udp:127.0.0.1:PORT or udp:127.0.0.1:PORT:PEERPORT';

/**
 * The wire that `--tap MACHINE:DEV=WHERE` names.
 * @param where undefined for a TAP device of the same name as `dev`
 * @throws LabwireError naming what can be written
 */
export function parseWire(where: string | undefined, dev: string): Wire {
  if (where === undefined) return new TapWire(`tap:${dev}`, dev);
  const [, kind, rest = ''] = /^([a-z]+):(.+)$/.exec(where) ?? [];
  if (kind === 'tap') return new TapWire(where, rest);
  if (kind === 'macvtap') return new MacvtapWire(where, rest);
  if (kind === 'unix') return new StreamWire(where, { path: checkedPath(where, rest) });
  if (kind === 'tcp') return new StreamWire(where, { host: LOCAL, port: ports(where, rest)[0] });
  if (kind === 'udp') return new DatagramWire(where, ...ports(where, rest));
  throw new LabwireError(`${where}: not a place that frames can go to; write ${FORMS}`);
}

function checkedPath(where: string, path: string): string {
  if (Buffer.byteLength(path) > LONGEST_PATH)
    throw new LabwireError(
      `${where}: a socket's path has at most ${LONGEST_PATH} bytes; write a shorter one`,
    );
  return path;
}

/** The ports behind `127.0.0.1:`; 0 for a second that is not there. */
function ports(where: string, rest: string): [number, number] {
  const [host, port, peer, ...more] = rest.split(':');
  if (host !== LOCAL)
    throw new LabwireError(
      `${where}: anybody could send frames into the lab; write ${LOCAL} for the host`,
    );
  const numbers = [port ?? '', peer ?? '0'].map((p) => (/^\d{1,5}$/.test(p) ? Number(p) : -1));
  if (more.length > 0 || numbers.some((n) => n < 0 || n > 65_535) || numbers[0] === 0)
    throw new LabwireError(`${where}: no port; write ${FORMS}`);
  return numbers as [number, number];
}
