import type { SkBuff } from '@labwire/core/skb';
import type { NetDevice } from '../link/net-device.ts';
import type { Netns } from '../netns/netns.ts';
import { NF_ACCEPT, NF_DROP } from './xt/verdict.ts';

/** What hangs on a hook: returns NF_ACCEPT, NF_DROP or NF_STOLEN. Linux `nf_hookfn`. */
export interface HookFn {
  run(skb: SkBuff, hook: number, indev: NetDevice | null, outdev: NetDevice | null): number;
}

interface Entry {
  readonly priority: number;
  readonly fn: HookFn;
}

const HOOKS = 5;

/** The hooks of one family in one namespace, each with what hangs on it in order of (priority, registration). */
export class HookList {
  readonly #netns: Netns;
  dropped = false;
  readonly #entries: Entry[][] = Array.from({ length: HOOKS }, () => []);

  constructor(netns: Netns) {
    this.#netns = netns;
  }

  /** Hangs a function on a hook. `nf_register_net_hook()` */
  register(hook: number, priority: number, fn: HookFn): void {
    const list = this.#entries[hook] as Entry[];
    const at = list.findIndex((e) => e.priority > priority);
    list.splice(at < 0 ? list.length : at, 0, { priority, fn });
  }

  /** Takes a function off a hook. `nf_unregister_net_hook()` */
  unregister(hook: number, fn: HookFn): void {
    const list = this.#entries[hook] as Entry[];
    const at = list.findIndex((e) => e.fn === fn);
    if (at >= 0) list.splice(at, 1);
  }

  /** Whether nothing hangs anywhere. */
  get isEmpty(): boolean {
    return this.#entries.every((list) => list.length === 0);
  }

  /** `nf_hook_slow()`: see `NfHooks.run`. */
  run(hook: number, skb: SkBuff, indev: NetDevice | null, outdev: NetDevice | null): boolean {
    const list = this.#entries[hook] as Entry[];
    for (let i = 0; i < list.length; i++) {
      const verdict = (list[i] as Entry).fn.run(skb, hook, indev, outdev);
      if (verdict === NF_ACCEPT) continue;
      this.dropped = verdict === NF_DROP;
      if (this.dropped) this.#netns.drop(skb, 'netfilter_drop');
      return false;
    }
    return true;
  }
}
