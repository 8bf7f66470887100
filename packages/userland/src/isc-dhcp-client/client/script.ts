import { formatIpv4, type Ipv4Addr } from '@labwire/core/addr';
import { get32 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { DhcpOpt } from '@labwire/devices/dhcp';
import { exec, type Process } from '../../machine/index.ts';
import { type ClientLease, leaseOption } from '../lease/index.ts';
import type { OptionSpace } from '../option-table.ts';
import { optionText } from '../option-text.ts';
import type { DhclientContext } from './context.ts';

const PATH = '/usr/sbin:/sbin:/bin:/usr/sbin:/usr/bin';
/** Options whose value a script could take for something else if it were not a name. */
const NAMES: readonly number[] = [DhcpOpt.hostName, 40, 62, 64, DhcpOpt.domainName];

/** What the script is called for. */
export type Reason =
  | 'PREINIT'
  | 'BOUND'
  | 'RENEW'
  | 'REBIND'
  | 'REBOOT'
  | 'EXPIRE'
  | 'FAIL'
  | 'TIMEOUT'
  | 'STOP'
  | 'RELEASE'
  | 'NBI';

/** A lease, and what stands before its names in the environment. */
export interface LeaseVariables {
  readonly prefix: 'old_' | 'new_';
  readonly lease: ClientLease;
}

/** What the script is told of a lease. client/dhclient.c, script_write_params() */
export function leaseVariables(
  { prefix, lease }: LeaseVariables,
  space: OptionSpace,
): Map<string, string> {
  const env = new Map<string, string>();
  const set = (name: string, value: string) => env.set(`${prefix}${name}`, value);
  set('ip_address', formatIpv4(lease.addr));
  if (lease.nextServer !== 0) set('next_server', formatIpv4(lease.nextServer));
  const mask = leaseOption(lease, DhcpOpt.netmask);
  if (mask !== undefined && mask.length > 3) {
    const bits = get32(mask, 0);
    set('network_number', formatIpv4((lease.addr & bits) as Ipv4Addr));
    set('broadcast_address', formatIpv4((lease.addr | ~bits) as Ipv4Addr));
  }
  if (lease.fileName !== undefined) set('filename', lease.fileName);
  if (lease.serverName !== undefined) set('server_name', lease.serverName);
  for (const { code, data } of lease.options) {
    if (data.length === 0) continue;
    const option = space.byCode(code);
    const text = optionText(option, data, 'environment');
    if (NAMES.includes(code) && !/^[A-Za-z0-9_. -]*$/.test(text)) continue;
    set(option.name.replaceAll('-', '_'), text);
  }
  set('expiry', String(lease.expiry));
  return env;
}

/** How the script is called. */
export interface ScriptCall {
  readonly reason: Reason;
  /** Undefined: no device at all. */
  readonly device: string | undefined;
  readonly leases: readonly LeaseVariables[];
  /** Codes that servers are asked for; undefined: they are not told. */
  readonly requested: readonly number[] | undefined;
  /** The path of the script. */
  readonly path: string;
}

/** Runs the script. @returns its exit status. script_go() */
export async function runScript(context: DhclientContext, call: ScriptCall): Promise<number> {
  const { proc, options, conf } = context;
  const env = new Map<string, string>();
  for (const text of options.environment) {
    const at = text.indexOf('=');
    if (at > 0) env.set(text.slice(0, at), text.slice(at + 1));
  }
  if (call.device === undefined) env.set('REASON', 'NBI');
  else {
    env.set('interface', call.device);
    env.set('reason', call.reason);
    env.set('pid', String(proc.pid));
    env.set('dad_wait_time', '0');
  }
  for (const each of call.leases)
    for (const [name, value] of leaseVariables(each, conf.options)) env.set(name, value);
  for (const code of call.requested ?? [])
    env.set(`requested_${conf.options.byCode(code).name.replaceAll('-', '_')}`, '1');
  env.set('PATH', PATH);
  const { path } = call;
  const child = proc.spawn([path], (script) => become(context, script, path), { env });
  const status = await proc.waitFor(child);
  if (child.killedBy === undefined) return status;
  await context.log(`script_go script: ${path} was terminated by signal ${child.killedBy}`);
  return -child.killedBy;
}

async function become(context: DhclientContext, proc: Process, path: string): Promise<number> {
  try {
    return await exec(proc, proc.path(path), [path]);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    await context.log(`execve (${path}, ...): ${e.message}`);
    return 0;
  }
}
