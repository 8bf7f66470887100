import { isMulticastMac, MAC_ZERO, type MacAddr } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { setPromiscuity } from '../link-state.ts';
import type { Macvlan } from './macvlan.ts';
import {
  FLAG_NODST,
  FLAG_NOPROMISC,
  MACADDR_ADD,
  MACADDR_DEL,
  MACADDR_FLUSH,
  MACADDR_SET,
  MODE_BRIDGE,
  MODE_PASSTHRU,
  MODE_PRIVATE,
  MODE_SOURCE,
  MODE_VEPA,
} from './modes.ts';

/** IFLA_MACVLAN_* by name in lower case. */
export type MacvlanData = Readonly<Record<string, unknown>>;

const MODES: readonly number[] = [MODE_PRIVATE, MODE_VEPA, MODE_BRIDGE, MODE_PASSTHRU, MODE_SOURCE];

/** Refuses what no macvlan takes. `macvlan_validate()` @throws {@link KernelError} EINVAL, EADDRNOTAVAIL */
export function validateMacvlan(data: MacvlanData): void {
  const { mode, flags, macaddr_mode: how, macaddr } = data;
  if (flags !== undefined && (Number(flags) & ~(FLAG_NOPROMISC | FLAG_NODST)) !== 0)
    throw new KernelError('EINVAL');
  if (mode !== undefined && !MODES.includes(Number(mode))) throw new KernelError('EINVAL');
  if (how !== undefined && (macaddr === undefined) === (how === MACADDR_ADD || how === MACADDR_DEL))
    throw new KernelError('EINVAL');
  if (macaddr !== undefined && !isStation(macaddr as MacAddr))
    throw new KernelError('EADDRNOTAVAIL');
}

function isStation(addr: MacAddr): boolean {
  return addr !== MAC_ZERO && !isMulticastMac(addr);
}

/** Changes a macvlan. `macvlan_changelink()` @throws {@link KernelError} EINVAL, EADDRNOTAVAIL */
export function changeMacvlan(macvlan: Macvlan, data: MacvlanData): void {
  validateMacvlan(data);
  const mode = data.mode === undefined ? undefined : Number(data.mode);
  if (mode !== undefined) {
    // passthru is for life
    if ((mode === MODE_PASSTHRU) !== (macvlan.mode === MODE_PASSTHRU))
      throw new KernelError('EINVAL');
    if (mode !== macvlan.mode) macvlan.leaveSourceMode();
  }
  if (data.flags !== undefined) changeFlags(macvlan, Number(data.flags));
  if (data.bc_queue_len !== undefined) macvlan.bcQueueLen = Number(data.bc_queue_len);
  if (mode !== undefined) macvlan.mode = mode;
  if (data.macaddr_mode !== undefined) changeSources(macvlan, data);
}

function changeFlags(macvlan: Macvlan, flags: number): void {
  const turned = (flags ^ macvlan.macvlanFlags) & FLAG_NOPROMISC;
  if (macvlan.port.passthru && turned !== 0 && macvlan.isUp)
    setPromiscuity(macvlan.port.lower, (flags & FLAG_NOPROMISC) !== 0 ? -1 : 1);
  macvlan.macvlanFlags = flags;
}

/** Changes the list of stations, the newest first. `macvlan_changelink_sources()` */
export function changeSources(macvlan: Macvlan, data: MacvlanData): void {
  if (macvlan.mode !== MODE_SOURCE) throw new KernelError('EINVAL');
  const addr = data.macaddr as MacAddr;
  switch (data.macaddr_mode) {
    case MACADDR_ADD:
      addSource(macvlan, addr);
      break;
    case MACADDR_DEL:
      macvlan.sources = macvlan.sources.filter((a) => a !== addr);
      break;
    case MACADDR_FLUSH:
      macvlan.sources = [];
      break;
    case MACADDR_SET:
      macvlan.sources = [];
      for (const a of (data.macaddr_data ?? []) as readonly MacAddr[])
        if (isStation(a)) addSource(macvlan, a);
      break;
    default:
      throw new KernelError('EINVAL');
  }
}

function addSource(macvlan: Macvlan, addr: MacAddr): void {
  if (!macvlan.sources.includes(addr)) macvlan.sources = [addr, ...macvlan.sources];
}
