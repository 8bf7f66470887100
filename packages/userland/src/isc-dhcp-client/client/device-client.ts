import { formatIpv4, type Ipv4Addr } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { type Nanos, SEC } from '@labwire/core/sim';
import {
  BOOTREPLY,
  DHCPACK,
  DHCPDECLINE,
  DHCPDISCOVER,
  DHCPNAK,
  DHCPOFFER,
  DHCPRELEASE,
  DHCPREQUEST,
  DhcpMessage,
  DhcpOpt,
  type DhcpOption,
  dhcpOption,
} from '@labwire/devices/dhcp';
import type { NetDevice } from '@labwire/devices/link';
import type { Socket } from '@labwire/devices/sock';
import type { ClientConfig } from '../conf/index.ts';
import { duidClientId } from '../duid.ts';
import { type ClientLease, leaseOption } from '../lease/index.ts';
import type { DhclientContext } from './context.ts';
import { type Incoming, Lpf } from './lpf.ts';
import { makeMessage } from './messages.ts';
import { offeredLease, serverOf, setTimes } from './offered-lease.ts';
import { type LeaseVariables, type Reason, runScript } from './script.ts';

type State = 'init' | 'selecting' | 'rebooting' | 'requesting' | 'bound' | 'renewing' | 'stopped';

const ANY = 0 as Ipv4Addr;
const BROADCAST = -1 as Ipv4Addr;
const SERVER_PORT = 67;
const RANDOM_MAX = 2_147_483_647;

/** What is to happen, and when. */
interface Timer {
  readonly at: Nanos;
  readonly run: () => Promise<void>;
}

/** The client of one device. client/dhclient.c */
export class DeviceClient {
  readonly #c: DhclientContext;
  readonly #dev: NetDevice;
  readonly #config: ClientConfig;
  readonly lpf: Lpf;
  readonly #fallback: Socket | undefined;
  #state: State = 'init';
  #active: ClientLease | undefined;
  /** Other leases that are still good, and fallbacks. */
  #leases: ClientLease[] = [];
  #offers: ClientLease[] = [];
  #timer: Timer | undefined;
  #message = new DhcpMessage(new Uint8Array(300));
  #xid = 0;
  /** Seconds: when the present exchange began, and until the next try. */
  #firstSending = 0;
  #interval = 0;
  #secs = 0;
  #requestedAddress: Ipv4Addr = ANY;
  #destination: Ipv4Addr = BROADCAST;

  constructor(
    context: DhclientContext,
    dev: NetDevice,
    fallback: Socket | undefined,
    leases: readonly ClientLease[],
  ) {
    this.#c = context;
    this.#dev = dev;
    this.#fallback = fallback;
    const { conf } = context;
    this.#config = conf.devices.get(dev.name) ?? conf.top;
    this.lpf = new Lpf(context.proc, dev, context.options.port);
    this.#takeLeases(leases.filter((l) => l.device === dev.name));
  }

  /** The last lease of the file is the present one, though it may be over; those of the configuration are kept for need. */
  #takeLeases(leases: readonly ClientLease[]): void {
    for (const lease of leases) {
      const same = (l: ClientLease) => l.addr === lease.addr && l.isStatic === lease.isStatic;
      this.#leases = this.#leases.filter((l) => !same(l));
      if (this.#active !== undefined && same(this.#active)) this.#active = undefined;
      if (lease.isStatic) this.#leases.push(lease);
      else {
        if (this.#active !== undefined) this.#leases.push(this.#active);
        this.#active = lease;
      }
    }
  }

  /** Leases that the lease file is to keep. */
  get kept(): readonly ClientLease[] {
    const all = this.#active === undefined ? this.#leases : [...this.#leases, this.#active];
    return all.filter((l) => !l.isStatic);
  }

  /** When it wants to go on: Nanos since the start of the simulation. */
  get wakeAt(): Nanos {
    return this.#timer?.at ?? Infinity;
  }

  /** Does what is due. */
  async wake(): Promise<void> {
    const timer = this.#timer;
    if (timer === undefined || this.#c.proc.now < timer.at) return;
    this.#timer = undefined;
    await timer.run();
  }

  /** Goes on after `delay` seconds; longer waits end at any part of their last second. */
  #after(delay: number, run: () => Promise<void>): void {
    const { proc } = this.#c;
    if (delay <= 1) this.#timer = { at: proc.now + delay * SEC, run };
    else this.#at(this.#c.now + delay, run);
  }

  #at(second: number, run: () => Promise<void>): void {
    const at = this.#c.atSecond(second) + Math.floor((this.#c.random(1_000_000) / 1_000_000) * SEC);
    this.#timer = { at: Math.max(at, this.#c.proc.now), run };
  }

  #script(reason: Reason, ...leases: readonly LeaseVariables[]): Promise<number> {
    return runScript(this.#c, {
      reason,
      device: this.#dev.name,
      leases,
      requested: reason === 'PREINIT' || reason === 'FAIL' ? undefined : this.#request,
      path: this.#config.script ?? this.#c.options.script,
    });
  }

  get #request(): readonly number[] {
    return this.#config.request;
  }

  /** INIT-REBOOT if there is a lease that is still good, else INIT. state_reboot() */
  async start(): Promise<void> {
    const { initialDelay } = this.#config;
    if (initialDelay > 0) {
      this.#after(this.#c.random(Math.max(1, initialDelay - 1)) + 1, () => this.#reboot());
      return;
    }
    await this.#reboot();
  }

  async #reboot(): Promise<void> {
    const lease = this.#active;
    if (lease === undefined || lease.bootp || lease.expiry <= this.#c.now) return this.#init();
    this.#state = 'rebooting';
    this.#xid = this.#c.random(RANDOM_MAX);
    this.#makeRequest(lease, undefined, lease.addr);
    this.#begin();
    return this.#sendRequest();
  }

  /** A new exchange begins. */
  #begin(): void {
    this.#firstSending = this.#c.now;
    this.#interval = this.#config.initialInterval;
  }

  #make(type: number, parts: Partial<Parameters<typeof makeMessage>[0]>): void {
    this.#message = makeMessage({
      type,
      xid: this.#xid,
      mac: this.#dev.addr,
      ciaddr: ANY,
      server: undefined,
      requested: undefined,
      requestList: undefined,
      send: this.#sent(),
      ...parts,
    });
    this.#requestedAddress = parts.requested ?? ANY;
  }

  /** What the configuration sends, and who it is by its DUID. */
  #sent(): readonly DhcpOption[] {
    const { send } = this.#config;
    const { duid } = this.#c;
    if (duid === undefined || send.some((o) => o.code === DhcpOpt.clientIdentifier)) return send;
    const data = duidClientId(duid, this.#dev.addr);
    return [...send, { code: DhcpOpt.clientIdentifier, data }];
  }

  #makeRequest(
    lease: ClientLease,
    server: Uint8Array | undefined,
    wanted: Ipv4Addr | undefined,
  ): void {
    const owns = this.#state === 'bound' || this.#state === 'renewing';
    const requestList = this.#request;
    const ciaddr = owns ? lease.addr : ANY;
    this.#make(DHCPREQUEST, { server, requested: wanted, requestList, ciaddr });
  }

  /** state_init() */
  async #init(): Promise<void> {
    this.#xid = this.#c.random(RANDOM_MAX);
    this.#make(DHCPDISCOVER, { requested: this.#active?.addr, requestList: this.#request });
    this.#state = 'selecting';
    this.#begin();
    return this.#sendDiscover();
  }

  /** The next interval: on the average twice the last one, not beyond the cutoff. */
  #backOff(): void {
    const { backoffCutoff, initialInterval } = this.#config;
    if (this.#interval === 0) this.#interval = initialInterval;
    else this.#interval += this.#c.random(2 * this.#interval);
    if (this.#interval > backoffCutoff)
      this.#interval = Math.floor(backoffCutoff / 2) + this.#c.random(backoffCutoff);
  }

  /** send_discover() */
  async #sendDiscover(): Promise<void> {
    const { timeout } = this.#config;
    const elapsed = this.#c.now - this.#firstSending;
    if (elapsed > timeout) return this.#panic();
    this.#backOff();
    if (elapsed + this.#interval > timeout) this.#interval = timeout - elapsed + 1;
    this.#secs = Math.min(0xffff, elapsed);
    this.#message.secs = this.#secs;
    const to = this.#c.options.server === undefined ? '255.255.255.255' : this.#c.options.server;
    const how = `on ${this.#dev.name} to ${to} port ${this.#serverPort}`;
    await this.#c.log(`DHCPDISCOVER ${how} interval ${this.#interval}`);
    await this.#broadcast('2600');
    this.#after(this.#interval, () => this.#sendDiscover());
  }

  get #serverPort(): number {
    return this.#c.options.port === 68 ? SERVER_PORT : this.#c.options.port - 1;
  }

  /** @param line where the real program says that it has failed */
  async #broadcast(line: string): Promise<void> {
    try {
      this.lpf.send(this.#message.buf, ANY, BROADCAST);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      await this.#sendFailed(e, line);
    }
  }

  async #sendFailed(e: KernelError, line: string): Promise<void> {
    const size = this.#message.buf.length;
    await this.#c.log(`send_packet: ${e.message}`);
    await this.#c.log(
      `dhclient.c:${line}: Failed to send ${size} byte long packet over ${this.#dev.name} interface.`,
    );
  }

  /** No server has answered in time: an old lease may do. state_panic() */
  async #panic(): Promise<void> {
    await this.#c.log('No DHCPOFFERS received.');
    const tried = this.#active === undefined ? this.#leases : [this.#active, ...this.#leases];
    for (const lease of tried) if (await this.#tryLease(lease)) return;
    if (this.#c.options.oneTry) {
      if (this.#c.options.verbose)
        await this.#c.log('Unable to obtain a lease on first try.  Exiting.');
      this.#c.finish(2);
    }
    await this.#c.log('No working leases in persistent database - sleeping.');
    await this.#script('FAIL');
    this.#state = 'init';
    const { retry } = this.#config;
    const wait = Math.floor((retry + 1) / 2) + this.#c.random(Math.max(1, retry));
    this.#after(wait, () => this.#init());
    this.#c.detach();
  }

  async #tryLease(lease: ClientLease): Promise<boolean> {
    if (lease.expiry <= this.#c.now) return false;
    const kind = lease.isStatic ? 'fallback' : 'recorded';
    await this.#c.log(`Trying ${kind} lease ${formatIpv4(lease.addr)}`);
    if ((await this.#script('TIMEOUT', { prefix: 'new_', lease })) !== 0) return false;
    this.#active = lease;
    this.#state = 'bound';
    const left = lease.renewal - this.#c.now;
    if (left > 0) {
      await this.#c.log(`bound: renewal in ${left} seconds.`);
      this.#at(lease.renewal, () => this.#bound());
    } else {
      await this.#c.log('bound: immediate renewal.');
      await this.#bound();
    }
    this.#c.detach();
    return true;
  }

  /** send_request() */
  async #sendRequest(): Promise<void> {
    const { now } = this.#c;
    const elapsed = now - this.#firstSending;
    const settling = this.#state === 'rebooting' || this.#state === 'requesting';
    if (settling && elapsed > this.#config.reboot) return this.#init();
    const lease = this.#active;
    if (this.#state !== 'requesting' && lease !== undefined && now > lease.expiry)
      return this.#expire(lease);
    this.#backOff();
    if (this.#state !== 'requesting' && lease !== undefined && now + this.#interval > lease.expiry)
      this.#interval = lease.expiry - now + 1;
    const toAll = settling || lease === undefined || now > lease.rebind;
    this.#message.secs = this.#state === 'requesting' ? this.#secs : Math.min(0xffff, elapsed);
    const addr = this.#state === 'renewing' ? this.#message.ciaddr : this.#requestedAddress;
    const to = toAll ? BROADCAST : this.#destination;
    const what = `${formatIpv4(addr)} on ${this.#dev.name} to ${formatIpv4(to)}`;
    await this.#c.log(`DHCPREQUEST for ${what} port ${this.#serverPort}`);
    await this.#send(to, lease?.addr ?? ANY);
    this.#after(this.#interval, () => this.#sendRequest());
  }

  /** To all through the device, to one server through the fallback socket. */
  async #send(to: Ipv4Addr, from: Ipv4Addr): Promise<void> {
    try {
      if (to !== BROADCAST && this.#fallback !== undefined)
        this.#fallback.send(this.#message.buf, { addr: to, port: this.#serverPort });
      else this.lpf.send(this.#message.buf, this.#state === 'renewing' ? from : ANY, to);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      await this.#sendFailed(e, '3009');
    }
  }

  /** The lease is over without an answer. */
  async #expire(lease: ClientLease): Promise<void> {
    await this.#script('EXPIRE', { prefix: 'old_', lease });
    await this.#script('PREINIT');
    this.#active = undefined;
    this.#state = 'init';
    return this.#init();
  }

  /** Takes what came in. */
  async receive(): Promise<void> {
    for (;;) {
      let got: Incoming | undefined;
      try {
        got = this.lpf.receive();
      } catch (e) {
        if (!(e instanceof KernelError)) throw e;
        await this.#c.log(`receive_packet failed on ${this.#dev.name}: ${e.message}`);
        continue;
      }
      if (got === undefined) return;
      await this.#hear(got);
    }
  }

  async #hear({ data, from }: Incoming): Promise<void> {
    const message = new DhcpMessage(data);
    if (!message.hasCookie || message.op !== BOOTREPLY || message.xid !== this.#xid) return;
    const mac = message.chaddr.reduce((sum, byte) => sum * 256 + byte, 0);
    if (message.hlen !== 6 || mac !== this.#dev.addr) return;
    const type = dhcpOption(data, DhcpOpt.messageType, 1)?.[0];
    const names: Readonly<Record<number, string>> = {
      [DHCPOFFER]: 'DHCPOFFER',
      [DHCPACK]: 'DHCPACK',
      [DHCPNAK]: 'DHCPNACK',
    };
    const name = names[type ?? 0];
    if (name === undefined || (await this.#rejected(name, from))) return;
    if (type === DHCPOFFER) await this.#offer(message, from);
    else if (['rebooting', 'requesting', 'renewing'].includes(this.#state))
      await (type === DHCPACK ? this.#acknowledge(message, from) : this.#refused(from));
  }

  async #rejected(name: string, from: Ipv4Addr): Promise<boolean> {
    const rule = this.#config.reject.find((r) => (from & r.mask) === (r.addr & r.mask));
    if (rule === undefined) return false;
    const [addr, mask] = [formatIpv4(rule.addr), formatIpv4(rule.mask)];
    await this.#c.log(`${name} from ${formatIpv4(from)} rejected by rule ${addr} mask ${mask}.`);
    return true;
  }

  /** dhcpoffer() */
  async #offer(message: DhcpMessage, from: Ipv4Addr): Promise<void> {
    if (this.#state !== 'selecting') return;
    const line = `DHCPOFFER of ${formatIpv4(message.yiaddr)} from ${formatIpv4(from)}`;
    const lease = offeredLease(message.buf, this.#dev.name, this.#config.changes);
    const missing = this.#config.require.find((code) => leaseOption(lease, code) === undefined);
    if (missing !== undefined) {
      await this.#c.log(`${line}: no ${this.#c.conf.options.byCode(missing).name} option.`);
      return;
    }
    if (this.#offers.some((o) => o.addr === lease.addr)) return;
    await this.#c.log(line);
    if (lease.addr === this.#requestedAddress) this.#offers.unshift(lease);
    else this.#offers.push(lease);
    const stop = this.#firstSending + this.#config.selectTimeout;
    if (stop <= this.#c.now) await this.#select();
    else this.#timer = { at: this.#c.atSecond(stop), run: () => this.#select() };
  }

  /** state_selecting() */
  async #select(): Promise<void> {
    const picked = this.#offers[0];
    this.#offers = [];
    this.#timer = undefined;
    if (picked === undefined) return this.#init();
    this.#state = 'requesting';
    this.#begin();
    const server = leaseOption(picked, DhcpOpt.serverIdentifier);
    this.#makeRequest(picked, server, picked.addr);
    return this.#sendRequest();
  }

  /** dhcpack() */
  async #acknowledge(message: DhcpMessage, from: Ipv4Addr): Promise<void> {
    await this.#c.log(`DHCPACK of ${formatIpv4(message.yiaddr)} from ${formatIpv4(from)}`);
    const lease = offeredLease(message.buf, this.#dev.name, this.#config.changes);
    this.#timer = undefined;
    if (!setTimes(lease, this.#c.now, (n) => this.#c.random(n))) {
      await this.#c.log('no expiry time on offered lease.');
      this.#config.reject.push({ addr: from, mask: BROADCAST });
      this.#timer = { at: this.#c.proc.now + SEC / 2, run: () => this.#init() };
      return;
    }
    await this.#bind(lease);
  }

  /** bind_lease() */
  async #bind(lease: ClientLease): Promise<void> {
    const renewing = this.#c.now > (this.#active?.rebind ?? 0) ? 'REBIND' : 'RENEW';
    const reason =
      this.#state === 'requesting' ? 'BOUND' : this.#state === 'rebooting' ? 'REBOOT' : renewing;
    const old =
      this.#active !== undefined && this.#state !== 'rebooting' ? this.#active : undefined;
    const before = old === undefined ? [] : [{ prefix: 'old_', lease: old } as const];
    if ((await this.#script(reason, ...before, { prefix: 'new_', lease })) > 0)
      return this.#decline(lease);
    await this.#record(lease);
    if (this.#active?.isStatic === true) this.#leases.push(this.#active);
    this.#active = lease;
    this.#at(lease.renewal, () => this.#bound());
    const left = lease.renewal - this.#c.now;
    await this.#c.log(`bound to ${formatIpv4(lease.addr)} -- renewal in ${left} seconds.`);
    this.#state = 'bound';
    this.#c.detach();
  }

  async #record(lease: ClientLease): Promise<void> {
    const failed = this.#c.leaseFile.add(lease, () => this.kept);
    if (failed !== undefined)
      await this.#c.log(`can't create ${this.#c.options.leaseFile}: ${failed.message}`);
  }

  /** The script has found the address in use. */
  async #decline(lease: ClientLease): Promise<void> {
    const server = leaseOption(lease, DhcpOpt.serverIdentifier);
    this.#make(DHCPDECLINE, { server, requested: lease.addr });
    const to = `on ${this.#dev.name} to 255.255.255.255 port ${this.#serverPort}`;
    await this.#c.log(`DHCPDECLINE of ${formatIpv4(lease.addr)} ${to}`);
    await this.#broadcast('3090');
    if (this.#c.options.oneTry) {
      if (this.#c.options.verbose)
        await this.#c.log('Unable to obtain a lease on first try (declined).  Exiting.');
      this.#c.finish(2);
    }
    const { declineWait } = this.#c.options;
    this.#timer = { at: this.#c.proc.now + declineWait * SEC, run: () => this.#init() };
  }

  /** T1: asks the server of the lease for more time. state_bound() */
  async #bound(): Promise<void> {
    const lease = this.#active;
    if (lease === undefined) return;
    this.#xid = this.#c.random(RANDOM_MAX);
    this.#state = 'bound';
    this.#makeRequest(lease, undefined, undefined);
    const server = serverOf(lease);
    this.#destination = server === ANY ? BROADCAST : server;
    this.#begin();
    this.#state = 'renewing';
    return this.#sendRequest();
  }

  /** dhcpnak() */
  async #refused(from: Ipv4Addr): Promise<void> {
    await this.#c.log(`DHCPNAK from ${formatIpv4(from)}`);
    const lease = this.#active;
    if (lease === undefined) return;
    this.#timer = undefined;
    return this.#expire(lease);
  }

  /** -r: gives the lease back. do_release() */
  async release(): Promise<void> {
    const lease = this.#active;
    this.#state = 'stopped';
    if (lease === undefined) return;
    this.#xid = this.#c.random(RANDOM_MAX);
    const server = leaseOption(lease, DhcpOpt.serverIdentifier);
    this.#make(DHCPRELEASE, { server, ciaddr: lease.addr });
    lease.expiry = lease.renewal = lease.rebind = this.#c.now;
    await this.#record(lease);
    const to = serverOf(lease);
    const where = `on ${this.#dev.name} to ${formatIpv4(to)} port ${this.#serverPort}`;
    await this.#c.log(`DHCPRELEASE of ${formatIpv4(lease.addr)} ${where}`);
    await this.#send(to, lease.addr);
    await this.#script('RELEASE', { prefix: 'old_', lease });
  }

  /** -x: takes the address away, without a word to the server. state_stop() */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    const lease = this.#active;
    if (lease !== undefined) await this.#script('STOP', { prefix: 'old_', lease });
  }
}
