import type { Process } from '../../../machine/index.ts';
import { runCommand } from '../../base/index.ts';
import type { Layer } from './rule.ts';

/** Libvirt's chains and those that lead to them, in the order in which they are made. libvirt src/util/viriptables.c, iptablesSetupPrivateChains() */
const CHAINS = [
  ['filter', 'INPUT', 'LIBVIRT_INP'],
  ['filter', 'OUTPUT', 'LIBVIRT_OUT'],
  ['filter', 'FORWARD', 'LIBVIRT_FWO'],
  ['filter', 'FORWARD', 'LIBVIRT_FWI'],
  ['filter', 'FORWARD', 'LIBVIRT_FWX'],
  ['nat', 'POSTROUTING', 'LIBVIRT_PRT'],
  ['mangle', 'POSTROUTING', 'LIBVIRT_PRT'],
] as const;
const TABLES: readonly string[] = ['filter', 'nat', 'mangle'];

/** Makes the chains of both families that are missing, and the jumps to them. networkSetupPrivateChains() @throws LibvirtError if iptables fails */
export async function setupPrivateChains(proc: Process): Promise<void> {
  for (const layer of ['iptables', 'ip6tables'] as const) await setupLayer(proc, layer);
}

async function setupLayer(proc: Process, layer: Layer): Promise<void> {
  const listed = new Map<string, string[]>();
  for (const table of TABLES) {
    const { out } = await runCommand(proc, [layer, '-w', '--table', table, '--list-rules']);
    listed.set(table, out.split('\n'));
  }
  for (const [table, parent, chain] of CHAINS) {
    const lines = listed.get(table) ?? [];
    const base = [layer, '-w', '--table', table];
    if (!lines.includes(`-N ${chain}`)) await runCommand(proc, [...base, '--new-chain', chain]);
    if (!lines.includes(`-A ${parent} -j ${chain}`))
      await runCommand(proc, [...base, '--insert', parent, '--jump', chain]);
  }
}
