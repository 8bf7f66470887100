import { KernelError } from '@labwire/core/error';
import type { Bond } from './bond.ts';
import {
  LINK_UP,
  MODE_ACTIVEBACKUP,
  MODE_BROADCAST,
  POLICY_LAYER23,
  RESELECT_BETTER,
} from './constants.ts';

/** IFLA_BOND_* by name in lower case. */
export type BondData = Readonly<Record<string, unknown>>;

/** What stays as it is: attributes that a bond shows and Labwire's does nothing about. */
const FIXED: Readonly<Record<string, number>> = {
  peer_notif_delay: 0,
  use_carrier: 1,
  arp_interval: 0,
  missed_max: 2,
  arp_validate: 0,
  arp_all_targets: 0,
  fail_over_mac: 0,
  lp_interval: 1,
  ad_lacp_active: 1,
  ad_lacp_rate: 0,
  ad_select: 0,
  tlb_dynamic_lb: 1,
};

const MODES = ['802.3ad', 'balance-tlb', 'balance-alb'];

/** A bond's attributes. `bond_fill_info()` */
export function bondData(bond: Bond): BondData {
  return {
    mode: bond.mode,
    ...(bond.active !== null ? { active_slave: bond.active.dev.ifindex } : {}),
    miimon: bond.miimon,
    updelay: bond.updelay,
    downdelay: bond.downdelay,
    ...FIXED,
    ...(bond.slaves.some((s) => s.dev.ifindex === bond.primary) ? { primary: bond.primary } : {}),
    primary_reselect: bond.primaryReselect,
    xmit_hash_policy: bond.xmitPolicy,
    resend_igmp: bond.resendIgmp,
    num_peer_notif: bond.numPeerNotif,
    all_slaves_active: bond.allSlavesActive,
    min_links: bond.minLinks,
    packets_per_slave: bond.packetsPerSlave,
  };
}

/** Changes a bond, in the kernel's order. `bond_changelink()` @throws {@link KernelError} */
export function changeBond(bond: Bond, data: BondData): void {
  refuseWhatStays(data);
  if (data.mode !== undefined) setMode(bond, Number(data.mode));
  if (data.active_slave !== undefined) setActive(bond, Number(data.active_slave));
  if (data.miimon !== undefined) {
    // delays are kept as numbers of looks
    const looks = [bond.ticks(bond.updelay), bond.ticks(bond.downdelay)] as const;
    bond.miimon = Number(data.miimon);
    bond.updelay = looks[0] * bond.miimon;
    bond.downdelay = looks[1] * bond.miimon;
    bond.monitor.start();
  }
  if (data.updelay !== undefined) bond.updelay = delay(bond, 'updelay', Number(data.updelay));
  if (data.downdelay !== undefined)
    bond.downdelay = delay(bond, 'downdelay', Number(data.downdelay));
  setPrimary(bond, data);
  setSending(bond, data);
}

function refuseWhatStays(data: BondData): void {
  for (const [name, value] of Object.entries(data)) {
    if (FIXED[name] !== undefined ? FIXED[name] !== value : /^(arp_ip|ns_ip6|ad_)/.test(name))
      throw new KernelError('EOPNOTSUPP', `Labwire's bonds have no ${name}`);
  }
}

function setMode(bond: Bond, mode: number): void {
  if (mode === bond.mode) return;
  bond.checkModeChange();
  if (mode > MODE_BROADCAST)
    throw new KernelError(
      'EOPNOTSUPP',
      `Labwire's bonds have no mode ${MODES[mode - MODE_BROADCAST - 1] ?? mode}`,
    );
  bond.mode = mode;
}

/** `bond_option_active_slave_set()` */
function setActive(bond: Bond, ifindex: number): void {
  checkActiveBackup(bond);
  if (ifindex === 0) {
    bond.changeActive(null);
    bond.selectActive();
    return;
  }
  if (bond.netns?.devices.byIndex(ifindex) === undefined) throw new KernelError('ENODEV');
  const slave = bond.slaves.find((s) => s.dev.ifindex === ifindex);
  if (slave === undefined) throw new KernelError('EINVAL');
  if (slave === bond.active) return;
  if (slave.link !== LINK_UP || !slave.dev.running) throw new KernelError('EINVAL');
  bond.changeActive(slave);
}

function checkActiveBackup(bond: Bond): void {
  if (bond.mode !== MODE_ACTIVEBACKUP)
    throw new KernelError('EACCES', 'option not supported in mode');
}

/** A delay in whole looks. `_bond_option_delay_set()` */
function delay(bond: Bond, name: string, ms: number): number {
  if (bond.miimon === 0) {
    bond.log(`option ${name}: unable to set because MII monitoring is disabled`);
    throw new KernelError('EPERM');
  }
  const rounded = bond.ticks(ms) * bond.miimon;
  if (rounded !== ms)
    bond.log(
      `${name} (${ms}) is not a multiple of miimon (${bond.miimon}), value rounded to ${rounded} ms`,
    );
  return rounded;
}

function setPrimary(bond: Bond, data: BondData): void {
  if (data.primary !== undefined) {
    checkActiveBackup(bond);
    bond.primary = Number(data.primary);
    bond.preferPrimary();
  }
  if (data.primary_reselect !== undefined) {
    checkActiveBackup(bond);
    const how = Number(data.primary_reselect);
    if (how > RESELECT_BETTER + 1) throw new KernelError('EINVAL');
    bond.primaryReselect = how;
    bond.preferPrimary();
  }
}

function setSending(bond: Bond, data: BondData): void {
  if (data.xmit_hash_policy !== undefined) {
    const policy = Number(data.xmit_hash_policy);
    if (policy > POLICY_LAYER23)
      throw new KernelError('EOPNOTSUPP', "Labwire's bonds hash by layer2, layer2+3 and layer3+4");
    bond.xmitPolicy = policy;
  }
  bond.resendIgmp = Number(data.resend_igmp ?? bond.resendIgmp);
  bond.numPeerNotif = Number(data.num_peer_notif ?? bond.numPeerNotif);
  bond.allSlavesActive = Number(data.all_slaves_active ?? bond.allSlavesActive);
  bond.minLinks = Number(data.min_links ?? bond.minLinks);
  bond.packetsPerSlave = Number(data.packets_per_slave ?? bond.packetsPerSlave);
}
