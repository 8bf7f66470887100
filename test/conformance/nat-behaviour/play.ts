import type { Row, RowResult } from '../conformance-set.ts';
import { ConformanceHost } from '../host.ts';
import { type Behaviour, StunClient, StunServer } from './discovery.ts';
import { buildNetwork, ipv4, type Topology } from './network.ts';

/** A rule set, and what a client finds behind it. */
export interface BehaviourRow extends Row {
  readonly topology: Topology;
  readonly rules: readonly string[];
  readonly mapping: Behaviour;
  readonly filtering: Behaviour;
  /** Null: not tried. */
  readonly hairpin: boolean | null;
}

const host = new ConformanceHost();

/** Sets a NAT up with a row's rules and asks what it does. */
export async function playBehaviour(row: BehaviourRow): Promise<RowResult> {
  const { client, nat, internet } = buildNetwork(host, row.topology);
  const want = `mapping ${row.mapping}, filtering ${row.filtering}, hairpin ${row.hairpin}`;
  const result = (got: string, verdict: RowResult['result']): RowResult => ({
    result: verdict,
    got,
    want,
    group: 'nat',
    figures: {},
  });
  for (const rule of row.rules) {
    const ran = await host.shell(nat, rule);
    if (ran.code !== 0) return result(ran.err, ran.err.includes('Labwire') ? 'refused' : 'wrong');
  }
  const [first = '', second = ''] = row.topology.internet.addrs.map((a) => a.split('/')[0] ?? '');
  const addrs = [ipv4(first), ipv4(second)] as const;
  const stun = new StunClient(host.sim, client, new StunServer(internet, addrs), addrs);
  const hairpin = row.hairpin === null ? null : stun.hairpin();
  const got = `mapping ${stun.mapping()}, filtering ${stun.filtering()}, hairpin ${hairpin}`;
  return result(got, got === want ? 'right' : 'wrong');
}
