import type { Process } from '../../machine/index.ts';
import { BUSYBOX_VERSION } from '../version.ts';
import { UdhcpClient } from './client.ts';
import { readCommandLine, type UdhcpcOptions } from './command-line.ts';
import { UdhcpcError, UsageError } from './errors.ts';
import { UDHCPC_USAGE } from './usage.ts';

/** udhcpc(8): a DHCP client that leaves all configuration to a script. networking/udhcp/dhcpc.c */
export async function udhcpc(proc: Process): Promise<number> {
  let options: UdhcpcOptions;
  try {
    options = readCommandLine(proc.argv.slice(1));
  } catch (e) {
    return refuse(proc, e);
  }
  const dev = proc.netns.devices.byName(options.interface);
  if (dev === undefined) {
    await proc.err('udhcpc: SIOCGIFINDEX: No such device\n');
    return 1;
  }
  return new UdhcpClient(proc, options, dev).run();
}

async function refuse(proc: Process, e: unknown): Promise<number> {
  if (e instanceof UsageError) {
    const why = e.message === '' ? '' : `udhcpc: ${e.message}\n`;
    await proc.err(`${why}${BUSYBOX_VERSION}\n\n${UDHCPC_USAGE}`);
    return e.message === '' && proc.argv.includes('--help') ? 0 : 1;
  }
  if (!(e instanceof UdhcpcError)) throw e;
  await proc.err(`udhcpc: ${e.message}\n`);
  return 1;
}
