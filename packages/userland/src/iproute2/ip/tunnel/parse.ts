import { GRE_KEY } from '@labwire/devices/link';
import type { Context } from '../../context/index.ts';
import {
  Args,
  duplicateOrGarbage,
  Exit,
  Failure,
  invalidArgument,
  isIfname,
  unsupported,
} from '../../parse/index.ts';
import { type InfoRequest, readGreFlag, readTunnelWord } from '../device/index.ts';
import { TUNNEL_USAGE } from './usage.ts';

/** Kinds that `mode` names. */
export type TunnelMode = 'ipip' | 'gre' | 'sit';

/** What the words after a command say. */
export interface TunnelRequest {
  name: string;
  mode: TunnelMode | undefined;
  readonly data: InfoRequest;
}

const MODES: Readonly<Record<string, TunnelMode>> = {
  ipip: 'ipip',
  'ip/ip': 'ipip',
  gre: 'gre',
  'gre/ip': 'gre',
  sit: 'sit',
  'ipv6/ip': 'sit',
};

function readMode(text: string, request: TunnelRequest): void {
  const mode = MODES[text];
  if (mode === undefined) {
    if (text === 'isatap' || text === 'vti')
      throw unsupported(`ip tunnel mode ${text}`, 'ipip, gre, sit');
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
    if (args.is('mode')) readMode(args.value(), request);
    else if (!readGreFlag(args, request.data) && !readTunnelWord(ctx, args, request.data))
      readName(args, request);
  }
  check(request);
  return request;
}

function readName(args: Args, request: TunnelRequest): void {
  if (args.is('name')) args.value();
  else if (args.matches('help')) throw new Exit(255, TUNNEL_USAGE);
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
