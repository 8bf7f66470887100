import { type Ipv4Addr, parseIpv4 } from '@labwire/core/addr';
import { Simulator } from '@labwire/core/sim';
import { describe, expect, it } from 'vitest';
import { devOpen } from '../link/index.ts';
import { Kernel, type KernelProfile, type Netns } from '../netns/index.ts';

const LOCALHOST = parseIpv4('127.0.0.1') as Ipv4Addr;
const HELPER = 'net/netfilter/nf_conntrack_helper';

function machine(profile?: KernelProfile): Netns {
  const { initNetns } = new Kernel(new Simulator(), 'm', profile);
  devOpen(initNetns.loopback);
  initNetns.netfilter.track('inet');
  return initNetns;
}

/** Which helper a datagram's connection gets. */
function helperOf(netns: Netns, port: number): string | null {
  const socket = netns.udp.open('inet');
  socket.connect({ addr: LOCALHOST, port });
  socket.send(new Uint8Array(4));
  netns.sim.runEvents(netns.sim.now + 1_000_000);
  const found = netns.netfilter.conntrack.list().find((ct) => ct.orig.dport === port);
  return found?.helper ?? null;
}

function lines(netns: Netns): string[] {
  return netns.kernel.messages.entries().map((m) => m.text);
}

describe('a helper by port alone', () => {
  it('is given on 5.x when it is turned on, to the port and protocol of its servers', () => {
    const netns = machine('5.x');
    netns.sysctl.write(HELPER, '1');
    expect(helperOf(netns, 69)).toBe('tftp');
    expect(helperOf(netns, 70)).toBeNull();
    expect(helperOf(netns, 21)).toBeNull();
  });

  it('follows the port that NAT leads a connection to', () => {
    const netns = machine('5.x');
    netns.sysctl.write(HELPER, '1');
    const { chains } = netns.netfilter.table('inet', 'nat').table;
    const ports = { min: 69, max: 69 };
    chains.get('OUTPUT')?.rules.push({
      proto: { number: 17, invert: false },
      matches: [{ kind: 'udp', dports: { min: 2069, max: 2069, invert: false } }],
      target: { kind: 'REDIRECT', ports, random: false, randomFully: false, persistent: false },
      counters: { packets: 0, bytes: 0 },
    });
    netns.netfilter.changed('inet');
    expect(helperOf(netns, 2069)).toBe('tftp');
  });

  it('is not given on 5.x by default, which the kernel tells of once', () => {
    const netns = machine('5.x');
    expect(netns.sysctl.read(HELPER)).toBe('0\n');
    expect(helperOf(netns, 53)).toBeNull();
    expect(lines(netns)).toEqual([]);
    expect([helperOf(netns, 69), helperOf(netns, 69)]).toEqual([null, null]);
    expect(lines(netns)).toEqual([expect.stringMatching(/^nf_conntrack: default automatic/)]);
  });

  it('cannot be asked for on 6.x', () => {
    const netns = machine();
    expect(() => netns.sysctl.write(HELPER, '1')).toThrow('No such file or directory');
    expect(helperOf(netns, 69)).toBeNull();
    expect(lines(netns)).toEqual([]);
  });

  it('has company: 6.x alone has the settings that came after 5.10', () => {
    const path = 'net/netfilter/nf_conntrack_tcp_ignore_invalid_rst';
    expect(machine('6.x').sysctl.read(path)).toBe('0\n');
    expect(() => machine('5.x').sysctl.read(path)).toThrow('No such file or directory');
  });
});
