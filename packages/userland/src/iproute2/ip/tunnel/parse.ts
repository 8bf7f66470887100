import { GRE_KEY } from '@labwire/devices/link';
import type { Context } from '../../context/index.ts';
import {
  Args,
  duplicateOrGarbage,
  Exit,
  Failure,
  findWord,
  invalidArgument,
  isIfname,
  unsupported,
  type Word,
  word,
} from '../../parse/index.ts';
import { GRE_WORDS, type InfoRequest, TUNNEL_WORDS } from '../device/index.ts';
import { TUNNEL_USAGE } from './usage.ts';

/** Kinds that `mode` names. */
export type TunnelMode = 'ipip' | 'gre' | 'sit';

/** What the words after a command say. */
export interface TunnelRequest {
  name: string;
  mode: TunnelMode | undefined;
  readonly data: InfoRequest;
}

/** What `mode` may be. */
export const MODES: Readonly<Record<string, TunnelMode>> = {
  ipip: 'ipip',
  'ip/ip': 'ipip',
  gre: 'gre',
  'gre/ip': 'gre',
  sit: 'sit',
  'ipv6/ip': 'sit',
};

/** What it may be on Linux besides. */
export const REFUSED_MODES: readonly string[] = ['isatap', 'vti'];

function readMode(text: string, request: TunnelRequest): void {
  const mode = MODES[text];
  if (mode === undefined) {
    if (REFUSED_MODES.includes(text)) throw unsupported(`ip tunnel mode ${text}`, 'ipip, gre, sit');
    throw new Exit(255, `Unknown tunnel mode "${text}"\n`);
  }
  if (request.mode !== undefined && request.mode !== mode)
    throw new Exit(255, 'You managed to ask for more than one tunnel mode.\n');
  request.mode = mode;
}

/** Reads the words after `add`, `change`, `del` or `show`. Source: iproute2 ip/iptunnel.c, parse_args(). */
export function parseTunnel(ctx: Context, words: readonly string[]): TunnelRequest {
  const request: TunnelRequest = { name: '', mode: undefined, data: {} };
  for (const args = new Args(words); !args.done; args.skip()) {
    const found = findWord(TUNNEL_NAME_WORDS, args);
    if (found === undefined) readName(args, request);
    else found.read(request, args, ctx);
  }
  check(request);
  return request;
}

/** The words, in the order in which they are looked up. */
export const TUNNEL_NAME_WORDS: readonly Word<TunnelRequest, Context>[] = [
  word('mode MODE', (request, args) => readMode(args.value(), request)),
  ...[...GRE_WORDS, ...TUNNEL_WORDS].map((w) => ({
    ...w,
    read: ({ data }: TunnelRequest, args: Args, ctx: Context) => w.read(data, args, ctx),
  })),
  word('name NAME', (request, args) => {
    args.value();
    setName(args, request);
  }),
];

function readName(args: Args, request: TunnelRequest): void {
  if (args.matches('help')) throw new Exit(255, TUNNEL_USAGE);
  setName(args, request);
}

function setName(args: Args, request: TunnelRequest): void {
  if (request.name !== '') throw duplicateOrGarbage('name', args.word);
  if (!isIfname(args.word)) throw invalidArgument('"name" not a valid ifname', args.word);
  request.name = args.word;
}

function check({ mode, data }: TunnelRequest): void {
  const flags = Number(data.iflags ?? 0) | Number(data.oflags ?? 0);
  if ((mode === 'ipip' || mode === 'sit') && (flags & GRE_KEY) !== 0)
    throw new Failure(1, 'Keys are not allowed with ipip and sit tunnels\n');
  if (Number(data.ttl ?? 0) !== 0 && data.pmtudisc === 0)
    throw new Failure(1, 'ttl != 0 and nopmtudisc are incompatible\n');
}
