import { KernelError } from '@labwire/core/error';
import type { RandomStream } from '@labwire/core/sim';
import type { Netns } from '@labwire/devices/netns';

/** The paths of a namespace's sysctls that can be written. */
function writable(netns: Netns, dir: string): string[] {
  return (netns.sysctl.list(dir) ?? []).flatMap((entry) => {
    const path = `${dir}/${entry.name}`;
    if (entry.isDirectory) return writable(netns, path);
    return (entry.mode & 0o200) !== 0 ? [path] : [];
  });
}

function value(random: RandomStream): string {
  const numbers = [-1, 0, 0, 1, 1, 1, 2, 3, 4, 8, 64, 1000, random.below(70_000), random.u32()];
  const first = String(numbers[random.below(numbers.length)]);
  return random.below(8) === 0 ? `${first} ${numbers[random.below(numbers.length)]}` : first;
}

/** Writes about one in `oneIn` of `net.*` with anything; what the kernel refuses stays as it is. */
export function writeSysctls(netns: Netns, random: RandomStream, oneIn: number): void {
  for (const path of writable(netns, 'net')) {
    if (random.below(oneIn) !== 0) continue;
    try {
      netns.sysctl.write(path, value(random));
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
    }
  }
}
