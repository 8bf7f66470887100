import type { Ipv4Addr } from '@labwire/core/addr';
import { inetGroups } from '@labwire/devices/rtnetlink';
import { formatInet } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { inetName } from './inet.ts';

const NET24 = -256 as Ipv4Addr;

/** `netstat -g`: the groups of /proc/net/igmp and igmp6. */
export async function showGroups(proc: Process, numeric: boolean): Promise<void> {
  await proc.out(
    'IPv6/IPv4 Group Memberships\nInterface       RefCnt Group\n--------------- ------ ---------------------\n',
  );
  for (const family of ['inet', 'inet6'] as const)
    for (const { device, users, addr } of inetGroups(proc.netns, family)) {
      const group =
        typeof addr === 'number'
          ? await inetName(proc, addr, { numeric, mask: NET24 })
          : formatInet(addr);
      await proc.out(`${device.padEnd(15)} ${String(users).padEnd(6)} ${group}\n`);
    }
}
