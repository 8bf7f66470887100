import { coturn } from '@labwire/userland/coturn';
import type { Row, RowResult } from '../conformance-set.ts';
import { ConformanceHost } from '../host.ts';
import { type Behaviour, Discovery, startServer } from './discovery.ts';
import { buildNetwork, type Topology } from './network.ts';

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
host.machine.layOut(coturn);

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
  const addrs = row.topology.internet.addrs.map((a) => a.split('/')[0] ?? '');
  await startServer(host, internet, addrs);
  const stun = new Discovery(host, client, addrs[0] ?? '');
  const hairpin = row.hairpin === null ? null : await stun.hairpin();
  const mapping = await stun.mapping();
  const got = `mapping ${mapping}, filtering ${await stun.filtering()}, hairpin ${hairpin}`;
  return result(got, got === want ? 'right' : 'wrong');
}
