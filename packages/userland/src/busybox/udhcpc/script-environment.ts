import { formatIpv4 } from '@labwire/core/addr';
import { getU32 } from '@labwire/core/bytes';
import {
  DhcpMessage,
  DhcpOpt,
  fieldText,
  OVERLOAD_FILE,
  OVERLOAD_SNAME,
  overloaded,
  readOptions,
} from '@labwire/devices/dhcp';
import { optionByCode } from './option-table.ts';
import { optionText } from './option-text.ts';

/** What the script is told: the device, and all that a server's message holds. `fill_envp()` */
export function scriptEnvironment(
  device: string,
  message: Uint8Array | undefined,
): Map<string, string> {
  const env = new Map([['interface', device]]);
  if (message === undefined) return env;
  for (const [code, data] of joinedOptions(message)) addOption(env, code, data);
  const m = new DhcpMessage(message);
  env.set('ip', formatIpv4(m.yiaddr));
  if (m.siaddr !== 0) env.set('siaddr', formatIpv4(m.siaddr));
  if (m.giaddr !== 0) env.set('giaddr', formatIpv4(m.giaddr));
  const fields = overloaded(message);
  const file = fieldText(m.file);
  const sname = fieldText(m.sname);
  if ((fields & OVERLOAD_FILE) === 0 && file !== '') env.set('boot_file', file);
  if ((fields & OVERLOAD_SNAME) === 0 && sname !== '') env.set('sname', sname);
  return env;
}

/** Options by code, those that come in pieces joined (RFC 3396); empty ones are left out. */
function joinedOptions(message: Uint8Array): Map<number, Uint8Array> {
  const joined = new Map<number, Uint8Array>();
  for (const { code, data } of readOptions(message).options) {
    if (code === DhcpOpt.overload || data.length === 0) continue;
    const before = joined.get(code);
    joined.set(code, before === undefined ? data : new Uint8Array([...before, ...data]));
  }
  return joined;
}

function addOption(env: Map<string, string>, code: number, data: Uint8Array): void {
  const known = optionByCode(code);
  if (known === undefined) {
    const hex = Array.from(data, (b) => b.toString(16).padStart(2, '0')).join('');
    env.set(`opt${code}`, hex);
    return;
  }
  env.set(known.name, optionText(known.type, data));
  if (code === DhcpOpt.netmask && data.length === 4)
    env.set('mask', String(maskBits(getU32(data, 0))));
}

/** How many shifts empty a mask. `mton()` */
function maskBits(mask: number): number {
  return mask === 0 ? 0 : Math.clz32(mask & -mask) + 1;
}
