/** Named objects. src/parser_bison.y, counter_config … synproxy_config */
import type { NftObjectData, NftObjectType, NftSynproxy } from '@labwire/devices/netfilter';
import { NftError } from '../lex/index.ts';
import type { Tokens } from '../syntax/index.ts';
import { commentText, timeSpec } from './set.ts';
import { counterConfig, limitConfig, quotaConfig } from './stateful.ts';

/** `mss N wscale N timestamp sack-perm`, in any order */
export function synproxyConfig(p: Tokens): NftSynproxy {
  let mss: number | undefined;
  let wscale: number | undefined;
  let [timestamp, sackPerm] = [false, false];
  for (;;) {
    p.separators();
    if (p.take('mss')) mss = p.number();
    else if (p.take('wscale')) wscale = p.number();
    else if (p.take('timestamp')) timestamp = true;
    else if (p.take('sack-perm')) sackPerm = true;
    else break;
    if (p.peek().kind === 'newline' && !/^(mss|wscale|timestamp|sack-perm)$/.test(p.peek(1).text))
      break;
  }
  return {
    kind: 'synproxy',
    ...(mss === undefined ? {} : { mss }),
    ...(wscale === undefined ? {} : { wscale }),
    timestamp,
    sackPerm,
  };
}

/** The words that begin an object, where one may be named. */
export const OBJECT_WORDS: readonly string[] = [
  'counter',
  'quota',
  'limit',
  'synproxy',
  'secmark',
  'ct',
];

/** An object's type: `counter`, `ct helper` … */
export function objectType(p: Tokens): NftObjectType {
  const head = p.want(...OBJECT_WORDS);
  if (head.text !== 'ct') return head.text as NftObjectType;
  return `ct ${p.want('helper', 'timeout', 'expectation').text}` as NftObjectType;
}

/** An object with its comment. */
export interface ObjectNode {
  readonly data: NftObjectData;
  readonly comment?: string;
}

/** What a type of object is without anything said. */
function emptyObject(p: Tokens, type: NftObjectType): NftObjectData {
  if (type === 'counter') return { kind: 'counter', packets: 0, bytes: 0 };
  if (type === 'synproxy') return synproxyConfig(p);
  return p.fail();
}

/** What follows an object's name: its data, or a block with it. */
export function objectBody(p: Tokens, type: NftObjectType): ObjectNode {
  if (p.atSeparator || p.peek().kind === 'end') return { data: emptyObject(p, type) };
  if (!p.at('{')) return { data: objectData(p, type) };
  p.next();
  let data: NftObjectData | undefined;
  let comment: string | undefined;
  p.separators();
  if (type.startsWith('ct ')) {
    const got = ctObject(p, type);
    data = got.data;
    comment = got.comment;
  } else {
    while (!p.at('}')) {
      if (p.at('comment')) comment = commentText(p);
      else data = objectData(p, type);
      p.separators();
    }
  }
  p.separators();
  p.want('}');
  data ??= type === 'counter' ? { kind: 'counter', packets: 0, bytes: 0 } : p.fail();
  return comment === undefined ? { data } : { data, comment };
}

function objectData(p: Tokens, type: NftObjectType): NftObjectData {
  switch (type) {
    case 'counter':
      return p.at('packets', 'bytes') ? counterConfig(p) : p.fail();
    case 'quota':
      return quotaConfig(p);
    case 'limit':
      return limitConfig(p);
    case 'synproxy':
      return synproxyConfig(p);
    case 'secmark':
      return { kind: 'secmark', context: p.string().text };
    default:
      return p.fail("'{'");
  }
}

interface CtArgs {
  helper?: string;
  protocol?: 'tcp' | 'udp';
  l3proto: 'ip' | 'ip6' | 'inet';
  l3given: boolean;
  policy: [string, number][];
  dport: number;
  timeout: number;
  size: number;
  comment?: string;
}

function ctObject(p: Tokens, type: NftObjectType): ObjectNode {
  const a: CtArgs = { l3proto: 'inet', l3given: false, policy: [], dport: 0, timeout: 0, size: 0 };
  for (p.separators(); !p.at('}'); p.separators()) ctArg(p, type, a);
  const data = ctData(p, type, a);
  return a.comment === undefined ? { data } : { data, comment: a.comment };
}

function ctProtocol(p: Tokens): 'tcp' | 'udp' {
  const t = p.peek();
  if (!p.at('tcp', 'udp')) p.fail('tcp', 'udp');
  p.next();
  return t.text as 'tcp' | 'udp';
}

function ctArg(p: Tokens, type: NftObjectType, a: CtArgs): void {
  if (type === 'ct helper' && p.take('type')) {
    a.helper = p.string().text;
    if (p.take('protocol')) a.protocol = ctProtocol(p);
  } else if (p.take('protocol')) a.protocol = ctProtocol(p);
  else if (p.take('l3proto')) {
    a.l3proto = p.want('ip', 'ip6', 'inet').text as 'ip' | 'ip6' | 'inet';
    a.l3given = true;
  } else if (type === 'ct timeout' && p.take('policy')) timeoutPolicy(p, a);
  else if (type === 'ct expectation' && p.take('dport')) a.dport = p.number();
  else if (type === 'ct expectation' && p.take('timeout')) a.timeout = timeSpec(p);
  else if (type === 'ct expectation' && p.take('size')) a.size = p.number();
  else if (p.at('comment')) a.comment = commentText(p);
  else p.fail();
}

function timeoutPolicy(p: Tokens, a: CtArgs): void {
  p.want('=');
  p.want('{');
  for (p.newlines(); !p.at('}'); p.newlines()) {
    const state = p.next();
    p.want(':');
    const seconds = p.number();
    a.policy.push([state.text, seconds]);
    p.newlines();
    if (!p.take(',')) break;
  }
  p.newlines();
  p.want('}');
}

function ctData(p: Tokens, type: NftObjectType, a: CtArgs): NftObjectData {
  const { protocol, l3proto } = a;
  if (protocol === undefined) throw new NftError('the object needs a protocol', p.lastLoc);
  if (type === 'ct helper') return { kind: 'ct helper', helper: a.helper ?? '', protocol, l3proto };
  if (type === 'ct timeout') return { kind: 'ct timeout', protocol, l3proto, policy: a.policy };
  return {
    kind: 'ct expectation',
    protocol,
    l3proto,
    dport: a.dport,
    timeout: a.timeout,
    size: a.size,
  };
}
