import { KernelError } from '@labwire/core/error';
import { setMacAddress, setMtu } from '../change.ts';
import { ARPHRD_ETHER, IFF_MASTER, IFF_SLAVE, IFF_UP, type NetDevice } from '../net-device.ts';
import { devClose, devOpen } from '../register.ts';
import type { PortOps } from '../rx-handler.ts';
import type { Bond } from './bond.ts';
import { LINK_BACK, LINK_DOWN, LINK_UP, MODE_ACTIVEBACKUP } from './constants.ts';
import { Slave } from './slave.ts';

/** How devices become ports of a bond and cease to be. Linux drivers/net/bonding/bond_main.c. */
export class BondPorts implements PortOps {
  readonly #bond: Bond;

  constructor(bond: Bond) {
    this.#bond = bond;
  }

  /** `bond_enslave()` @throws {@link KernelError} EPERM, EBUSY, EOPNOTSUPP */
  add(dev: NetDevice): void {
    const bond = this.#bond;
    checkSlave(bond, dev);
    const first = bond.slaves.length === 0;
    const slave = new Slave(bond, dev);
    if (first && !bond.addrWasSet) {
      bond.addr = dev.addr;
      bond.netns?.notify(bond, 'CHANGEADDR');
    }
    if (dev.mtu !== bond.mtu) setMtu(dev, bond.mtu);
    if (dev.addr !== bond.addr) setMacAddress(dev, bond.addr);
    dev.flags |= IFF_SLAVE;
    devOpen(dev);
    dev.master = bond;
    dev.rxHandler = bond;
    const hasLink = bond.miimon === 0 || dev.running;
    slave.link = hasLink ? LINK_UP : LINK_DOWN;
    if (hasLink && bond.ticks(bond.updelay) > 0) {
      slave.link = LINK_BACK;
      slave.delay = bond.ticks(bond.updelay);
    }
    bond.slaves = [...bond.slaves, slave];
    slave.active = bond.mode !== MODE_ACTIVEBACKUP;
    bond.listenBy(slave, 1);
    bond.tsoMaxSize = Math.min(...bond.slaves.map((s) => s.dev.tsoMaxSize));
    bond.updateCarrier();
    bond.selectActive();
    bond.say(
      slave,
      `Enslaving as ${slave.active ? 'an active' : 'a backup'} interface with ${slave.link === LINK_DOWN ? 'a down' : 'an up'} link`,
    );
    bond.monitor.expect();
  }

  /** `__bond_release_one()` */
  remove(dev: NetDevice): void {
    const bond = this.#bond;
    const slave = bond.slaveOf(dev);
    if (slave === undefined) return;
    bond.listenBy(slave, -1);
    bond.slaves = bond.slaves.filter((s) => s !== slave);
    dev.rxHandler = null;
    dev.master = null;
    bond.say(slave, `Releasing ${slave.active ? 'active' : 'backup'} interface`);
    if (slave.permAddr === bond.addr && bond.slaves.length > 0) bond.warnAddress(slave);
    if (bond.active === slave) {
      bond.changeActive(null);
      bond.selectActive();
    }
    bond.updateCarrier();
    if (bond.slaves.length === 0 && bond.netns !== null && !bond.unregistering) {
      bond.addr = bond.netns.kernel.randomMac();
      bond.addrWasSet = false;
      bond.netns.notify(bond, 'CHANGEADDR');
    }
    if (!dev.unregistering) restore(slave);
  }

  data(dev: NetDevice): Readonly<Record<string, unknown>> {
    const slave = this.#bond.slaveOf(dev) as Slave;
    return {
      state: slave.active ? 0 : 1,
      mii_status: slave.link,
      link_failure_count: slave.failures,
      perm_hwaddr: slave.permAddr,
      queue_id: 0,
      prio: 0,
    };
  }

  change(_dev: NetDevice, data: Readonly<Record<string, unknown>>): void {
    const name = Object.keys(data)[0];
    if (name !== undefined)
      throw new KernelError('EOPNOTSUPP', `Labwire's ports of bonds have no ${name}`);
  }
}

/** As it was before it became a port. */
function restore(slave: Slave): void {
  const { dev } = slave;
  devClose(dev);
  dev.flags &= ~IFF_SLAVE;
  if (dev.addr !== slave.permAddr) setMacAddress(dev, slave.permAddr);
  dev.addrWasSet = slave.originalAddrWasSet;
  if (dev.mtu !== slave.originalMtu) setMtu(dev, slave.originalMtu);
}

/** What a bond does not take. @throws {@link KernelError} */
function checkSlave(bond: Bond, dev: NetDevice): void {
  if (dev === bond) throw new KernelError('EPERM', 'Cannot enslave bond to itself.');
  if ((dev.flags & IFF_MASTER) !== 0)
    throw new KernelError('EPERM', 'Device type (master device) cannot be enslaved');
  if (dev.master !== null || dev.rxHandler !== null)
    throw new KernelError('EBUSY', 'Device is in use and cannot be enslaved');
  if ((dev.flags & IFF_UP) !== 0)
    throw new KernelError('EPERM', 'Device can not be enslaved while up');
  if (dev.arphrd !== ARPHRD_ETHER)
    throw new KernelError('EOPNOTSUPP', "Labwire's bonds take Ethernet devices only");
}
