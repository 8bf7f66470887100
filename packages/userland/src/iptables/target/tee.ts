import type { TeeTarget } from '@labwire/devices/netfilter';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import { formatAddr } from '../core/address.ts';
import { defineTarget, type TargetExtension } from '../core/extension.ts';

const IFNAME_MAX = 15;

interface State {
  gateway?: InetAddr;
  oif: string | undefined;
}

/** `-j TEE`, revision 1. extensions/libxt_TEE.c */
export const tee: TargetExtension = defineTarget<TeeTarget, State>({
  name: 'TEE',
  kinds: ['TEE'],
  options: [
    { name: 'gateway', type: 'host', mandatory: true },
    { name: 'oif', type: 'string' },
  ],
  init: () => ({ oif: undefined }),
  parse: ({ name, value }, state) => {
    if (name === 'gateway') state.gateway = value.addr as InetAddr;
    else state.oif = value.text.slice(0, IFNAME_MAX);
  },
  finish: ({ gateway, oif }) => ({ kind: 'TEE', gateway: gateway as InetAddr, oif }),
  print: (t) => ` TEE gw:${formatAddr(t.gateway)}${t.oif === undefined ? '' : ` oif=${t.oif}`}`,
  save: (t) => ` --gateway ${formatAddr(t.gateway)}${t.oif === undefined ? '' : ` --oif ${t.oif}`}`,
});
