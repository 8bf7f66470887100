import { SEC } from '@labwire/core/sim';
import { addrDump } from '@labwire/devices/rtnetlink';
import type { Process } from '../machine/index.ts';

/** IFA_F_TENTATIVE, IFA_F_DADFAILED */
const TENTATIVE = 0x40;
const DAD_FAILED = 0x08;

/** Waits until no address of $IFACE is tentative any more: /lib/ifupdown/settle-dad.sh */
export async function settleDad(proc: Process): Promise<number> {
  const attempts = Number(proc.env.get('IF_DAD_ATTEMPTS') ?? 60);
  const interval = Number(proc.env.get('IF_DAD_INTERVAL') ?? 0.1) * SEC;
  const dev = proc.netns.devices.byName(proc.env.get('IFACE') ?? '');
  await proc.out('Waiting for DAD... ');
  for (let n = 0; n < attempts; n++) {
    const own = addrDump(proc.netns, 'inet6').filter(
      (a) => a.ifindex === dev?.ifindex && a.scope !== 253,
    );
    if (own.some((a) => (a.flags & DAD_FAILED) !== 0)) {
      await proc.out('Failed\n');
      return 1;
    }
    if (!own.some((a) => (a.flags & TENTATIVE) !== 0)) {
      await proc.out('Done\n');
      return 0;
    }
    await proc.sleep(interval);
  }
  await proc.out('Timed out\n');
  return 1;
}
