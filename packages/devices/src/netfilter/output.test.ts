import { IPV4_LOOPBACK, IPV6_LOOPBACK } from '@labwire/core/addr';
import { Simulator } from '@labwire/core/sim';
import { expect, it } from 'vitest';
import { devOpen } from '../link/index.ts';
import { Kernel } from '../netns/index.ts';
import type { XtTableName } from './xt/index.ts';

it.each([
  ['inet', 'filter', 'OUTPUT'],
  ['inet', 'mangle', 'POSTROUTING'],
  ['inet6', 'filter', 'OUTPUT'],
  ['inet6', 'mangle', 'POSTROUTING'],
] as const)(
  'the sender hears EPERM of what %s %s %s drops',
  (family, table: XtTableName, chain) => {
    const netns = new Kernel(new Simulator(), 'host').newNetns();
    devOpen(netns.loopback);
    const socket = netns.udp.open(family);
    const to = { addr: family === 'inet' ? IPV4_LOOPBACK : IPV6_LOOPBACK, port: 9 };
    expect(socket.send(new Uint8Array(3), to)).toBe(3);
    const { chains } = netns.netfilter.table(family, table).table;
    const target = { kind: 'verdict', verdict: 'DROP' } as const;
    chains.get(chain)?.rules.push({ matches: [], target, counters: { packets: 0, bytes: 0 } });
    netns.netfilter.changed(family);
    expect(() => socket.send(new Uint8Array(3), to)).toThrow('Operation not permitted');
  },
);
