import type { Ipv6Addr } from '@labwire/core/addr';
import { type Nanos, SEC } from '@labwire/core/sim';
import type { Netns } from '@labwire/devices/netns';
import { igmpVersion, inetGroups, linkGroups } from '@labwire/devices/rtnetlink';

const hex = (v: number, digits: number): string => v.toString(16).padStart(digits, '0');

/** Linux net/core/net-procfs.c, dev_mc_seq_show() */
export function devMcast(netns: Netns): string {
  return linkGroups(netns)
    .map(
      ({ ifindex, device, addr, users }) =>
        `${String(ifindex).padEnd(4)} ${device.padEnd(15)} ${String(users).padEnd(5)} ${'0'.padEnd(5)} ${hex(addr, 12)}\n`,
    )
    .join('');
}

/** Linux net/ipv4/igmp.c, igmp_mc_seq_show(): an address's bytes stand in the order of a little-endian machine. */
export function igmp(netns: Netns): string {
  const groups = inetGroups(netns, 'inet');
  const lines = groups.map(({ ifindex, device, addr, users, report }, i) => {
    const a = addr as number;
    const swapped = [a & 255, (a >>> 8) & 255, (a >>> 16) & 255, a >>> 24]
      .map((b) => hex(b, 2).toUpperCase())
      .join('');
    const count = groups.filter((g) => g.ifindex === ifindex).length;
    const head = `${ifindex}\t${device.padEnd(10)}: ${String(count).padStart(5)} ${`V${igmpVersion(netns, ifindex)}`.padStart(7)}\n`;
    const group = `\t\t\t\t${swapped} ${String(users).padStart(5)} ${timer4(report?.due ?? -1)}\t\t${report?.reporter ? 1 : 0}\n`;
    return groups[i - 1]?.ifindex === ifindex ? group : head + group;
  });
  return `Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n${lines.join('')}`;
}

/** Whether a timer runs, and the hundredths of a second that it has left. */
function timer4(due: Nanos): string {
  return due < 0 ? '0:00000000' : `1:${hex(userTicks(due), 8).toUpperCase()}`;
}

const userTicks = (time: Nanos): number => Math.floor(time / (SEC / 100));

/** MAF_*. Linux include/net/if_inet6.h */
const MAF_TIMER_RUNNING = 0x1;
const MAF_LAST_REPORTER = 0x2;
const MAF_LOADED = 0x4;
const MAF_NOREPORT = 0x8;

/** Linux net/ipv6/mcast.c, igmp6_mc_seq_show() */
export function igmp6(netns: Netns): string {
  return inetGroups(netns, 'inet6')
    .map(({ ifindex, device, addr, users, report }) => {
      const { w0, w1, w2, w3 } = addr as Ipv6Addr;
      const isLocal = ((w0 >>> 16) & 0xf) < 2;
      const isAllNodes = w1 === 0 && w2 === 0 && w3 === 1;
      const flags =
        (isLocal ? 0 : MAF_LOADED) |
        (isLocal || isAllNodes ? MAF_NOREPORT : 0) |
        (report?.reporter ? MAF_LAST_REPORTER : 0);
      const due = report?.due ?? -1;
      const running = due < 0 ? 0 : MAF_TIMER_RUNNING;
      const bytes = [w0, w1, w2, w3].map((w) => hex(w >>> 0, 8)).join('');
      return `${String(ifindex).padEnd(4)} ${device.padEnd(15)} ${bytes} ${String(users).padStart(5)} ${hex(flags | running, 8).toUpperCase()} ${due < 0 ? 0 : userTicks(due)}\n`;
    })
    .join('');
}
