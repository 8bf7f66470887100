import type { Ipv4Addr } from '@labwire/core/addr';
import type { FlowWish } from '../arbitraries.ts';
import { type Chance, type Furnished, type Law, Try } from '../law.ts';
import type { End, Proto } from '../packet.ts';
import type { Scenario, Step } from '../steps.ts';
import { type Place, REDIRECTED, SERVED } from '../subject.ts';
import type { OwnRules } from './surroundings.ts';

/** A try of rules that somebody has written, in place of generated ones. */
export class OwnTry extends Try {
  readonly #own: OwnRules;

  constructor(own: OwnRules, proto: Proto, c: Chance) {
    super(own.translation.kind, proto, { ...c, topology: own.topology, rules: own.traits });
    this.#own = own;
  }

  override place(wish: FlowWish, proto: Proto = this.proto): Place {
    const { dport, peers, toPort, topology, translation } = this.#own;
    const { hosts } = topology;
    const host = hosts[wish.host % hosts.length] as Ipv4Addr;
    const server = peers[wish.server % peers.length] as Ipv4Addr;
    const isQuery = proto === 'icmp';
    if (translation.kind === 'dnat') {
      const port = isQuery ? wish.port : (toPort ?? dport ?? SERVED);
      return {
        inner: { addr: hosts[0] as Ipv4Addr, port },
        peer: { addr: server, port: wish.port },
      };
    }
    const usual = translation.kind === 'redirect' ? REDIRECTED : wish.dport;
    const port = isQuery ? wish.port : (dport ?? usual);
    return { inner: { addr: host, port: wish.port }, peer: { addr: server, port } };
  }

  override published(proto: Proto, peer: End): End {
    const { dport, toPort } = this.#own;
    const port = proto === 'icmp' ? peer.port : (dport ?? toPort ?? SERVED);
    return { addr: this.outer, port };
  }

  override scenario(steps: readonly Step[], f: Partial<Furnished> = {}): Scenario {
    const { routes, text } = this.#own;
    return super.scenario(steps, { ...f, text, router: [...routes, ...(f.router ?? [])] });
  }
}

/** Why a law says nothing about rules of one's own; undefined: it does. */
export function silence(law: Law, own: OwnRules): string | undefined {
  const { kind } = own.translation;
  if (own.helps !== undefined) return own.helps;
  if (!own.protos.includes(law.proto))
    return `the rule does not translate ${law.proto.toUpperCase()}`;
  if (law.needsPool === true && own.topology.outer.length < 2) return 'there is one outer address';
  if (law.needsRules === true) return 'it takes other rules to try it';
  return law.notFor?.[kind];
}
