import type { Opts } from '../command-line/index.ts';

/** A socket's address as `addr.type=inet,addr.host=…` says it. QEMU qapi/sockets.json, SocketAddress */
export type AddressWords =
  | { readonly type: 'inet'; readonly host: string; readonly port: string }
  | { readonly type: 'unix'; readonly path: string; readonly abstract: boolean }
  | { readonly type: 'fd'; readonly fd: string };

const WORDS = {
  inet: ['host', 'port', 'numeric', 'to', 'ipv4', 'ipv6', 'keep-alive', 'mptcp'],
  unix: ['path', 'abstract', 'tight'],
  vsock: ['cid', 'port'],
  fd: ['str'],
} as const;
const REQUIRED = { inet: ['host', 'port'], unix: ['path'], vsock: ['cid', 'port'], fd: ['str'] };

/** Reads the words that begin with `prefix.`; undefined if there are none. @throws QemuError */
export function readAddress(opts: Opts, prefix: string): AddressWords | undefined {
  const keys = opts.keys.filter((key) => key.startsWith(`${prefix}.`));
  if (keys.length === 0) return undefined;
  const type = opts.required(`${prefix}.type`);
  if (!Object.hasOwn(WORDS, type))
    throw opts.error(`Parameter 'type' does not accept value '${type}'`);
  const kind = type as keyof typeof WORDS;
  for (const word of REQUIRED[kind]) opts.required(`${prefix}.${word}`);
  const get = (word: string): string => opts.get(`${prefix}.${word}`) ?? '';
  for (const word of WORDS[kind])
    if (['numeric', 'ipv4', 'ipv6', 'keep-alive', 'abstract', 'tight'].includes(word))
      opts.flag(`${prefix}.${word}`);
  if (kind === 'inet') return { type: 'inet', host: get('host'), port: get('port') };
  if (kind === 'unix')
    return {
      type: 'unix',
      path: get('path'),
      abstract: opts.flag(`${prefix}.abstract`) ?? false,
    };
  if (kind === 'fd') return { type: 'fd', fd: get('str') };
  throw opts.error('Labwire has no AF_VSOCK: use inet or unix');
}

/** Refuses words that neither an address nor the backend has. @throws QemuError */
export function refuseOthers(
  opts: Opts,
  prefixes: readonly string[],
  own: readonly string[],
): void {
  const allowed = new Set(['type', 'id', ...own]);
  for (const prefix of prefixes) {
    const kind = opts.get(`${prefix}.type`) as keyof typeof WORDS | undefined;
    if (kind === undefined) continue;
    allowed.add(`${prefix}.type`);
    for (const word of WORDS[kind]) allowed.add(`${prefix}.${word}`);
  }
  const wrong = opts.keys.find((key) => !allowed.has(key));
  if (wrong !== undefined) throw opts.error(`Parameter '${wrong}' is unexpected`);
}
