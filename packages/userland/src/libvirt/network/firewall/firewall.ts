import type { Process } from '../../../machine/index.ts';
import { LibvirtError, runCommand } from '../../base/index.ts';
import type { NetworkDef } from '../conf/index.ts';
import { checksumRules, networkRules } from './network-rules.ts';
import { setupPrivateChains } from './private-chains.ts';
import { type FirewallRule, ruleCommand } from './rule.ts';

/** The firewall rules of all networks of a daemon. libvirt src/network/bridge_driver_linux.c */
export class NetworkFirewall {
  readonly #proc: Process;
  #chainsMade = false;

  constructor(proc: Process) {
    this.#proc = proc;
  }

  /** Makes the chains that rules go to, once in a daemon's life. @throws LibvirtError */
  async setup(): Promise<void> {
    if (this.#chainsMade) return;
    this.#chainsMade = true;
    await setupPrivateChains(this.#proc);
  }

  /** Adds a network's rules, or none. networkAddFirewallRules() @throws LibvirtError */
  async add(def: NetworkDef): Promise<void> {
    await this.setup();
    if (def.bridgeZone !== undefined)
      throw new LibvirtError(
        'internal',
        `zone ${def.bridgeZone} requested for network ${def.name} but firewalld is not active`,
      );
    for (const rule of networkRules(def)) {
      const failure = await this.#run(rule, 'insert');
      if (failure === undefined) continue;
      await this.remove(def);
      throw failure;
    }
    for (const rule of checksumRules(def)) await this.#run(rule, 'insert');
  }

  /** Takes a network's rules away; those that are gone already nobody misses. networkRemoveFirewallRules() */
  async remove(def: NetworkDef): Promise<void> {
    for (const rule of checksumRules(def)) await this.#run(rule, 'delete');
    for (const rule of networkRules(def).reverse()) await this.#run(rule, 'delete');
  }

  /** @returns the failure, if it failed. virFirewallApplyRuleDirect() */
  async #run(rule: FirewallRule, action: 'insert' | 'delete'): Promise<LibvirtError | undefined> {
    const words = ruleCommand(rule, action);
    const { path, status, err } = await runCommand(this.#proc, words);
    if (status === 0) return undefined;
    const shown = [path, ...words.slice(1)].map(shellWord).join(' ');
    return new LibvirtError('internal', `Failed to apply firewall rules ${shown}: ${err}`);
  }
}

function shellWord(word: string): string {
  return /^[A-Za-z0-9_./:+,@%-]+$/.test(word) ? word : `'${word}'`;
}
