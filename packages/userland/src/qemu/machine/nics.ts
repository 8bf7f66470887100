import { type MacAddr, parseMac } from '@labwire/core/addr';
import { findNicModel, type NicModel } from '../../hypervisor/index.ts';
import type { Opts } from '../command-line/index.ts';
import { nicModels } from '../devices.ts';
import { QemuError } from '../qemu-error.ts';

/** The first address that QEMU gives away: 52:54:00:12:34:56. */
const FIRST_MAC = 0x52_54_00_12_34_56;
const LAST_BYTE = 0xff;

/** Addresses for NICs that are given none: the next free one from 52:54:00:12:34:56. net/net.c, qemu_macaddr_default_if_unset() */
export class MacPool {
  readonly #used = new Set<number>();

  /** Takes note of an address that a NIC was given. */
  use(mac: MacAddr): MacAddr {
    this.#used.add(mac);
    return mac;
  }

  next(): MacAddr {
    let mac = FIRST_MAC;
    while (this.#used.has(mac) && mac % 256 < LAST_BYTE) mac++;
    return this.use(mac as MacAddr);
  }
}

/** Reads `52:54:00:12:34:56`, or with hyphens; undefined if it is none. */
export function readMac(text: string): MacAddr | undefined {
  return parseMac(text.replaceAll('-', ':'));
}

/** The model that `-nic` or `-net nic` asks for. @throws QemuError */
export function nicModelOf(opts: Opts): NicModel {
  const name = opts.get('model') ?? 'e1000';
  const model = name === 'virtio' || nicModels().includes(name) ? findNicModel(name) : undefined;
  if (model === undefined) throw new QemuError(undefined, `Unsupported NIC model: ${name}`);
  return model;
}
