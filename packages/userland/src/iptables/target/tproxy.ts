import type { TproxyTarget } from '@labwire/devices/netfilter';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import { formatAddr, maskOf } from '../core/address.ts';
import { defineTarget, type TargetExtension } from '../core/extension.ts';
import { hex } from '../core/numbers.ts';

type State = { port: number; addr: InetAddr; mark: number; mask: number };

/** `-j TPROXY`, revision 1. extensions/libxt_TPROXY.c */
export const tproxy: TargetExtension = defineTarget<TproxyTarget, State>({
  name: 'TPROXY',
  kinds: ['TPROXY'],
  options: [
    { name: 'on-port', type: 'port', mandatory: true },
    { name: 'on-ip', type: 'host' },
    { name: 'tproxy-mark', type: 'markmask' },
  ],
  init: ({ family }) => ({ port: 0, addr: maskOf(0, family), mark: 0, mask: 0 }),
  parse: ({ name, value }, state) => {
    if (name === 'on-port') state.port = value.num;
    else if (name === 'on-ip') state.addr = value.addr as InetAddr;
    else Object.assign(state, { mark: value.num, mask: value.numMask });
  },
  finish: (state) => ({ kind: 'TPROXY', ...state }),
  print: (t) =>
    ` TPROXY redirect ${formatAddr(t.addr)}:${t.port} mark ${hex(t.mark)}/${hex(t.mask)}`,
  save: (t) =>
    ` --on-port ${t.port} --on-ip ${formatAddr(t.addr)} --tproxy-mark ${hex(t.mark)}/${hex(t.mask)}`,
});
