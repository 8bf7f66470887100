import { Opts } from '../command-line/index.ts';
import { QemuError } from '../qemu-error.ts';

/** Where a character device that is a socket is. */
export type CharAddress =
  | { readonly family: 'unix'; readonly path: string; readonly abstract: boolean }
  | { readonly family: 'inet'; readonly host: string; readonly port: number };

/** A character device at a socket. */
export interface SocketSpec {
  readonly kind: 'socket';
  readonly address: CharAddress;
  readonly server: boolean;
  /** QEMU does not go on before somebody has connected. */
  readonly wait: boolean;
  readonly telnet: boolean;
}

/** What a character device is. QEMU qapi/char.json */
export type CharSpec = { readonly kind: 'stdio' } | { readonly kind: 'null' } | SocketSpec;

/** Words of a socket's options. */
const SOCKET_WORDS = [
  ...['type', 'id', 'host', 'port', 'path', 'server', 'wait', 'delay', 'telnet'],
  ...['ipv4', 'ipv6', 'abstract', 'tight'],
];
/** Devices that QEMU has and Labwire has not. */
const OTHERS =
  /^(pty|con:|msmouse|ringbuf|mon:|chardev:|file:|pipe:|tn3270:|websocket:|udp:|\/dev\/|braille|testdev)/;

/** Both lines of a device that can't be read: why, and that. */
function parseError(where: string, text: string, why?: string): QemuError {
  const last = new QemuError(where, `parse error: ${text}`);
  return why === undefined ? last : new QemuError(where, why, last);
}

/** `-monitor unix:/run/mon,server,nowait` and the like. chardev/char.c, qemu_chr_parse_compat() @throws QemuError */
export function parseCompatSpec(where: string, text: string): CharSpec {
  if (text === 'stdio') return { kind: 'stdio' };
  if (/^(none|null|vc(:.*)?)$/.test(text)) return { kind: 'null' };
  const socket = /^(unix|tcp|telnet):(.*)$/s.exec(text);
  if (socket !== null) return compatSocket(where, text, socket[1] as string, socket[2] as string);
  if (OTHERS.test(text)) throw new QemuError(where, `Labwire has no character device ${text}`);
  throw parseError(where, text, `'${text}' is not a valid char driver`);
}

function compatSocket(where: string, text: string, kind: string, rest: string): CharSpec {
  try {
    if (kind === 'unix') return socketSpec(new Opts(where, rest, 'path'), kind);
    const match = /^([^:]{0,64}):([^,]{1,32})(?:,(.*))?$/s.exec(rest);
    if (match === null) throw parseError(where, text);
    const [, host = '', port = '', words] = match;
    const opts = `host=${host},port=${port}${words === undefined ? '' : `,${words}`}`;
    return socketSpec(new Opts(where, opts, 'host'), kind);
  } catch (e) {
    if (!(e instanceof QemuError) || e.message.startsWith('parse error')) throw e;
    throw parseError(where, text, e.message);
  }
}

function socketSpec(opts: Opts, kind: string): CharSpec {
  opts.allowOnly(SOCKET_WORDS);
  const server = opts.flag('server') ?? false;
  const path = opts.get('path');
  const address: CharAddress =
    path === undefined
      ? { family: 'inet', host: opts.get('host') ?? '', port: portOf(opts) }
      : { family: 'unix', path, abstract: opts.flag('abstract') ?? false };
  return {
    kind: 'socket',
    address,
    server,
    wait: server && (opts.flag('wait') ?? true),
    telnet: kind === 'telnet' || (opts.flag('telnet') ?? false),
  };
}

function portOf(opts: Opts): number {
  const text = opts.get('port');
  if (text === undefined) throw opts.error('chardev: socket: no port given');
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw opts.error(
      `address resolution failed for ${opts.get('host') ?? ''}:${text}: Servname not supported for ai_socktype`,
    );
  return port;
}

/** `-chardev socket,id=mon0,path=/run/mon,server=on,wait=off`. @throws QemuError */
export function chardevSpec(opts: Opts): CharSpec {
  const backend = opts.get('backend') ?? '';
  if (backend === 'stdio') return { kind: 'stdio' };
  if (backend === 'null' || backend === 'vc') return { kind: 'null' };
  if (backend !== 'socket')
    throw opts.error(
      OTHERS.test(backend) || OTHERS.test(`${backend}:`) || backend === 'serial'
        ? `Labwire has no character device ${backend}`
        : `'${backend}' is not a valid char driver name`,
    );
  const words = opts.pairs
    .filter(([key]) => key !== 'backend')
    .map(([k, v]) => `${k}=${v.replaceAll(',', ',,')}`);
  return socketSpec(new Opts(opts.where, words.join(','), 'path'), 'socket');
}
