import { IPV4_ANY, IPV6_ANY } from '@labwire/core/addr';
import { NOERROR, NXDOMAIN, REFUSED } from '@labwire/devices/dns';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import { formatInet } from '../../../libc-net/index.ts';
import type { Daemon } from '../../daemon.ts';
import { F_IPV4, F_IPV6 } from '../cache/index.ts';
import { EDE_NOT_READY, ReplyWriter } from '../reply-writer.ts';
import type { ServerRange, ServerTable } from '../servers/index.ts';
import type { Asked } from './answer-context.ts';

/** What the rules of --address and --local say to a question: an answer, that there is none, or that nobody can be asked. */
export type RuleAnswer =
  | { readonly kind: 'addresses'; readonly addresses: readonly InetAddr[] }
  | { readonly kind: 'no data' | 'no name' }
  | { readonly kind: 'refused'; readonly ede: number | undefined };

/** What a rule that leads to an address answers, in the families that are asked for. */
export function addressesOfRules(
  table: ServerTable,
  { first, last }: ServerRange,
  wants: number,
): InetAddr[] {
  const rules = table.all.slice(first, last).map((s) => s.rule);
  const answers = (zero: InetAddr) =>
    rules.map((r) => (r.kind === 'zeros' ? zero : r.answer)).filter((a) => a !== undefined);
  const kind = rules[0]?.kind;
  const with4 = (kind === 'addr4' || kind === 'zeros') && (wants & F_IPV4) !== 0;
  const with6 = (kind === 'addr6' || kind === 'zeros') && (wants & F_IPV6) !== 0;
  return [...(with4 ? answers(IPV4_ANY) : []), ...(with6 ? answers(IPV6_ANY) : [])];
}

const RCODES = { 'no data': NOERROR, 'no name': NXDOMAIN, refused: REFUSED, addresses: NOERROR };

/** Writes what the rules say. dnsmasq src/domain-match.c, make_local_answer() */
export function writeRuleAnswer(
  daemon: Daemon,
  asked: Asked,
  name: string,
  answer: RuleAnswer,
): Uint8Array {
  const reply = new ReplyWriter(asked.query, asked.limit);
  const { localTtl, ednsPacketMax } = daemon.config;
  if (answer.kind === 'addresses')
    for (const addr of answer.addresses) {
      reply.address(name, localTtl, addr);
      asked.log.say('config', name, formatInet(addr));
    }
  else if (answer.kind === 'refused') asked.log.say('config', 'error', refusedText(answer.ede));
  else asked.log.say('config', name, noText(answer.kind, asked.query.wants));
  const ede = answer.kind === 'refused' ? answer.ede : undefined;
  return reply.finish(
    { rcode: RCODES[answer.kind], authoritative: answer.kind === 'addresses', ede },
    ednsPacketMax,
  );
}

function noText(kind: 'no data' | 'no name', wants: number): string {
  if (kind === 'no name') return 'NXDOMAIN';
  if ((wants & F_IPV4) !== 0) return 'NODATA-IPv4';
  return (wants & F_IPV6) !== 0 ? 'NODATA-IPv6' : 'NODATA';
}

const EDE_TEXTS: Readonly<Record<number, string>> = {
  [EDE_NOT_READY]: 'not ready',
  23: 'network error',
  24: 'invalid data',
};

function refusedText(ede: number | undefined): string {
  return ede === undefined ? 'REFUSED' : `REFUSED (EDE: ${EDE_TEXTS[ede] ?? 'other'})`;
}
