import { formatIpv4, type Ipv4Addr } from '@labwire/core/addr';
import { getU32 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { POLLIN, SEC } from '@labwire/core/sim';
import {
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
import { exec, type PollItem, type Process, SIGTERM } from '../../machine/index.ts';
import { isInUse } from './arp-check.ts';
import type { UdhcpcOptions } from './command-line.ts';
import { LISTEN_EVENTS, ListenSocket, sendKernel, sendRaw } from './listen-socket.ts';
import {
  addressOption,
  broadcastFlag,
  clientOptions,
  encodeMessage,
  identifierOptions,
} from './messages.ts';
import { scriptEnvironment } from './script-environment.ts';
import { SIGUSR1, SIGUSR2, SignalPipe } from './signal-pipe.ts';

type State =
  | 'init-selecting'
  | 'requesting'
  | 'bound'
  | 'renewing'
  | 'rebinding'
  | 'renew-requested'
  | 'released';

/** States in which the client has an address. */
const CONFIGURED: readonly State[] = ['bound', 'renewing', 'rebinding', 'renew-requested'];
/** Seconds; and what a lease that names no time counts. */
const DEFAULT_LEASE = 3600;
const MIN_LEASE = 30;
const INT_MAX = 2_147_483_647;
/** How often a request is sent before all begins anew. */
const MAX_SELECTS = 3;
const ANY = 0 as Ipv4Addr;

/** What the client's loop comes to: go on, go on as a child in the background, or an exit status. */
type Outcome = 'go-on' | 'background' | number;

/** The client of one device. networking/udhcp/dhcpc.c, udhcpc_main() */
export class UdhcpClient {
  #proc: Process;
  readonly #o: UdhcpcOptions;
  #dev: NetDevice;
  readonly #signals = new SignalPipe();
  readonly #listen = new ListenSocket();
  #state: State = 'init-selecting';
  #xid = 0;
  #serverId: Ipv4Addr = ANY;
  #requestedIp: Ipv4Addr;
  #packets = 0;
  /** Seconds until something is to be done, and until the lease is over. */
  #timeout = 0;
  #leaseRemaining = 0;
  /** When the present exchange began, in whole seconds; 0 for not yet. */
  #firstSecs = 0;
  #failIfNoLease: boolean;
  #backgroundIfNoLease: boolean;
  #foreground: boolean;

  constructor(proc: Process, options: UdhcpcOptions, dev: NetDevice) {
    this.#proc = proc;
    this.#o = options;
    this.#dev = dev;
    this.#requestedIp = options.requestedIp;
    this.#failIfNoLease = options.failIfNoLease;
    this.#backgroundIfNoLease = options.backgroundIfNoLease;
    this.#foreground = options.foreground;
  }

  /** Runs until it may end, or goes to the background. @returns the exit status of the process that was called */
  async run(): Promise<number> {
    this.#signals.attach(this.#proc);
    this.#writePid();
    await this.#say('started, v1.35.0');
    await this.#script('deconfig');
    return this.#loop();
  }

  async #loop(): Promise<number> {
    for (;;) {
      const outcome = await this.#turn();
      if (outcome === 'background') return this.#background();
      if (outcome !== 'go-on') return this.#end(outcome);
    }
  }

  #say(text: string): Promise<void> {
    return this.#proc.err(`udhcpc: ${text}\n`);
  }

  #seconds(): number {
    return Math.floor(this.#proc.now / SEC);
  }

  /** Goes on in a child without a terminal. `bb_daemonize()` */
  #background(): number {
    this.#proc.spawn(
      this.#proc.argv,
      async (child) => {
        this.#proc = child;
        const nowhere = child.fs.open('/dev/null', { read: true, write: true });
        for (const fd of [0, 1, 2]) child.setFd(fd, nowhere);
        this.#signals.attach(child);
        this.#writePid();
        return this.#loop();
      },
      { newGroup: true },
    );
    return 0;
  }

  #writePid(): void {
    const { pidFile } = this.#o;
    if (pidFile !== undefined)
      this.#proc.fs.writeFile(this.#proc.path(pidFile), `${this.#proc.pid}\n`);
  }

  async #end(status: number): Promise<number> {
    if (this.#o.releaseOnExit) await this.#release();
    const { pidFile } = this.#o;
    if (pidFile !== undefined && this.#proc.fs.exists(this.#proc.path(pidFile)))
      this.#proc.fs.unlink(this.#proc.path(pidFile));
    return status;
  }

  /** Waits for one thing, and does what it asks for. */
  async #turn(): Promise<Outcome> {
    if (this.#timeout > 0) {
      const before = this.#seconds();
      const ready = await this.#proc.poll(this.#items(), this.#timeout * SEC, 'a DHCP server');
      const passed = this.#seconds() - before;
      this.#leaseRemaining = Math.max(0, this.#leaseRemaining - passed);
      this.#timeout = Math.max(0, this.#timeout - passed);
      if (ready) return this.#input();
    }
    return this.#act();
  }

  #items(): PollItem[] {
    const items: PollItem[] = [{ on: this.#signals, events: POLLIN }];
    const on = this.#listen.pollable;
    if (on !== undefined) items.push({ on, events: LISTEN_EVENTS });
    return items;
  }

  /** The time is over: sends the state's next message. */
  async #act(): Promise<Outcome> {
    const dev = this.#proc.netns.devices.byName(this.#o.interface);
    if (dev === undefined) {
      await this.#say('SIOCGIFINDEX: No such device');
      return 0;
    }
    this.#dev = dev;
    switch (this.#state) {
      case 'init-selecting':
        return this.#discover();
      case 'requesting':
        return this.#select();
      case 'bound':
        this.#state = 'renewing';
        this.#firstSecs = 0;
        this.#change('kernel');
        return this.#renew();
      case 'renewing':
      case 'renew-requested':
        return this.#renew();
      case 'rebinding':
        return this.#rebind();
      case 'released':
        this.#timeout = INT_MAX;
        return 'go-on';
    }
  }

  async #discover(): Promise<Outcome> {
    const { retries } = this.#o;
    if (retries !== 0 && this.#packets >= retries) return this.#leaseFail();
    if (this.#packets === 0) {
      this.#change('raw');
      this.#newXid();
    }
    const wanted = this.#requestedIp === ANY ? [] : [this.#requested()];
    await this.#say('broadcasting discover');
    await this.#broadcast(DHCPDISCOVER, [...wanted, ...this.#extras()], ANY);
    return this.#sent();
  }

  async #select(): Promise<Outcome> {
    if (this.#packets >= MAX_SELECTS) {
      this.#state = 'init-selecting';
      return this.#leaseFail();
    }
    const server = addressOption(DhcpOpt.serverIdentifier, this.#serverId);
    const [ip, id] = [formatIpv4(this.#requestedIp), formatIpv4(this.#serverId)];
    await this.#say(`broadcasting select for ${ip}, server ${id}`);
    await this.#broadcast(DHCPREQUEST, [this.#requested(), server, ...this.#extras()], ANY);
    return this.#sent();
  }

  async #renew(): Promise<Outcome> {
    if (this.#packets === 0 && (await this.#sendRenew(this.#serverId))) return this.#sent();
    if (this.#leaseRemaining > MIN_LEASE) {
      this.#change('none');
      this.#bound();
      return 'go-on';
    }
    this.#state = 'rebinding';
    this.#change('raw');
    this.#packets = 0;
    return this.#rebind();
  }

  async #rebind(): Promise<Outcome> {
    if (this.#leaseRemaining > 0 && this.#packets < MAX_SELECTS) {
      await this.#sendRenew(ANY);
      return this.#sent();
    }
    this.#change('none');
    await this.#say('lease lost, entering init state');
    await this.#script('deconfig');
    this.#restart();
    return 'go-on';
  }

  #sent(): Outcome {
    this.#timeout = this.#o.timeout;
    this.#packets++;
    return 'go-on';
  }

  #restart(): void {
    this.#state = 'init-selecting';
    this.#firstSecs = 0;
    this.#timeout = 0;
    this.#packets = 0;
  }

  /** Nobody has given a lease. */
  async #leaseFail(): Promise<Outcome> {
    this.#change('none');
    await this.#script('leasefail');
    this.#timeout = this.#o.tryAgain;
    this.#packets = 0;
    if (this.#backgroundIfNoLease) {
      await this.#say('no lease, forking to background');
      this.#backgroundIfNoLease = false;
      this.#failIfNoLease = false;
      this.#foreground = true;
      return 'background';
    }
    if (!this.#failIfNoLease) return 'go-on';
    await this.#say('no lease, failing');
    return 1;
  }

  #change(mode: ListenSocket['mode']): void {
    this.#listen.change(this.#proc, mode, this.#dev);
  }

  #newXid(): void {
    this.#xid = this.#proc.machine.kernel.random.below(INT_MAX);
  }

  #requested(): DhcpOption {
    return addressOption(DhcpOpt.requestedAddress, this.#requestedIp);
  }

  #extras(): DhcpOption[] {
    return clientOptions(this.#o, this.#dev.addr);
  }

  #message(type: number, options: readonly DhcpOption[], ciaddr: Ipv4Addr): Uint8Array {
    const now = this.#seconds();
    if (this.#firstSecs === 0) this.#firstSecs = now;
    const flags =
      type === DHCPDISCOVER || type === DHCPREQUEST ? broadcastFlag(this.#o, ciaddr) : 0;
    const secs = Math.min(0xffff, now - this.#firstSecs);
    return encodeMessage(
      type,
      { xid: this.#xid, secs, mac: this.#dev.addr, ciaddr, flags },
      options,
    );
  }

  async #broadcast(
    type: number,
    options: readonly DhcpOption[],
    ciaddr: Ipv4Addr,
  ): Promise<boolean> {
    try {
      sendRaw(this.#proc, this.#dev, this.#message(type, options, ciaddr), ciaddr);
      return true;
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      await this.#say(`sendto(PACKET): ${e.message}`);
      return false;
    }
  }

  /** To a server that is known, else to all. @returns whether it went out */
  async #unicast(type: number, options: readonly DhcpOption[], server: Ipv4Addr): Promise<boolean> {
    const ciaddr = this.#requestedIp;
    if (server === ANY) return this.#broadcast(type, options, ciaddr);
    const message = this.#message(type, options, ciaddr);
    const failure = sendKernel(this.#proc, this.#dev, message, ciaddr, server);
    if (failure !== undefined) await this.#say(`${failure.call}: ${failure.error.message}`);
    return failure === undefined;
  }

  async #sendRenew(server: Ipv4Addr): Promise<boolean> {
    await this.#say(
      server === ANY ? 'broadcasting renew' : `sending renew to server ${formatIpv4(server)}`,
    );
    return this.#unicast(DHCPREQUEST, this.#extras(), server);
  }

  async #release(): Promise<void> {
    this.#change('none');
    if (CONFIGURED.includes(this.#state)) {
      const [ip, id] = [formatIpv4(this.#requestedIp), formatIpv4(this.#serverId)];
      await this.#say(`unicasting a release of ${ip} to ${id}`);
      this.#newXid();
      await this.#say('sending release');
      await this.#unicast(DHCPRELEASE, this.#identity(), this.#serverId);
    }
    await this.#say('entering released state');
    await this.#script('deconfig');
    this.#state = 'released';
  }

  #identity(): DhcpOption[] {
    const server = addressOption(DhcpOpt.serverIdentifier, this.#serverId);
    return [server, ...identifierOptions(this.#o, this.#dev.addr)];
  }

  /** A signal or a message came. */
  async #input(): Promise<Outcome> {
    const signal = this.#signals.read();
    if (signal !== undefined && (await this.#signal(signal))) return 0;
    if (signal !== undefined && !this.#listen.ready) return 'go-on';
    const message = this.#receive();
    return message === undefined ? 'go-on' : this.#hear(message);
  }

  /** @returns whether the client is to end */
  async #signal(signal: number): Promise<boolean> {
    if (signal === SIGTERM) {
      await this.#say('received SIGTERM');
      return true;
    }
    if (signal === SIGUSR2) {
      await this.#release();
      this.#timeout = INT_MAX;
    }
    if (signal === SIGUSR1) await this.#renewNow();
    return false;
  }

  /** SIGUSR1: renews a lease at once, or begins anew. */
  async #renewNow(): Promise<void> {
    if (['init-selecting', 'requesting', 'rebinding'].includes(this.#state)) return;
    this.#leaseRemaining = Math.min(this.#leaseRemaining, MIN_LEASE);
    this.#firstSecs = 0;
    this.#packets = 0;
    this.#timeout = 0;
    if (this.#state === 'bound' || this.#state === 'renewing') {
      this.#state = 'renew-requested';
      this.#change('kernel');
      return;
    }
    this.#change('none');
    if (this.#state === 'renew-requested') await this.#script('deconfig');
    this.#state = 'init-selecting';
  }

  /** A message that is for this client. */
  #receive(): DhcpMessage | undefined {
    let bytes: Uint8Array | undefined;
    try {
      bytes = this.#listen.receive();
    } catch (e) {
      // the device went down: what is sent next tells
      if (!(e instanceof KernelError)) throw e;
    }
    if (bytes === undefined) return undefined;
    const message = new DhcpMessage(bytes);
    const { addr } = this.#dev;
    if (message.xid !== this.#xid || message.hlen !== 6) return undefined;
    const mac = message.chaddr.reduce((sum, byte) => sum * 256 + byte, 0);
    return mac === addr ? message : undefined;
  }

  async #hear(message: DhcpMessage): Promise<Outcome> {
    const type = dhcpOption(message.buf, DhcpOpt.messageType, 1)?.[0];
    if (this.#state === 'init-selecting') {
      if (type === DHCPOFFER) await this.#offer(message);
      return 'go-on';
    }
    if (this.#state === 'bound' || this.#state === 'released') return 'go-on';
    if (type === DHCPACK) return this.#acknowledge(message);
    if (type === DHCPNAK) await this.#refused(message);
    return 'go-on';
  }

  async #offer(message: DhcpMessage): Promise<void> {
    const server = option32(message, DhcpOpt.serverIdentifier);
    if (server === undefined) await this.#say('no server ID, using 0.0.0.0');
    this.#serverId = ((server ?? 0) | 0) as Ipv4Addr;
    this.#requestedIp = message.yiaddr;
    this.#state = 'requesting';
    this.#timeout = 0;
    this.#packets = 0;
  }

  async #acknowledge(message: DhcpMessage): Promise<Outcome> {
    this.#change('none');
    const time = option32(message, DhcpOpt.leaseTime);
    const lease = time ?? DEFAULT_LEASE;
    const [ip, id] = [formatIpv4(message.yiaddr), formatIpv4(this.#serverId)];
    const how = time === undefined ? ' (default)' : '';
    await this.#say(`lease of ${ip} obtained from ${id}, lease time ${lease}${how}`);
    this.#leaseRemaining = Math.max(MIN_LEASE, Math.min(lease, INT_MAX));
    this.#requestedIp = message.yiaddr;
    if (await this.#declined()) return 'go-on';
    const start = this.#seconds();
    await this.#script(this.#state === 'requesting' ? 'bound' : 'renew', message.buf);
    this.#leaseRemaining = Math.max(0, this.#leaseRemaining - (this.#seconds() - start));
    if (this.#o.quitOnLease) return 0;
    this.#failIfNoLease = false;
    this.#bound();
    if (this.#foreground) return 'go-on';
    this.#foreground = true;
    this.#backgroundIfNoLease = false;
    return 'background';
  }

  /** Rests until half of what is left of the lease is over. */
  #bound(): void {
    this.#timeout = Math.floor(this.#leaseRemaining / 2);
    this.#state = 'bound';
    this.#packets = 0;
  }

  /** -a: refuses an address that somebody has. */
  async #declined(): Promise<boolean> {
    const { arping, tryAgain } = this.#o;
    if (arping === undefined) return false;
    if (!(await isInUse(this.#proc, this.#dev, this.#requestedIp, arping))) return false;
    await this.#say('offered address is in use (got ARP reply), declining');
    this.#newXid();
    await this.#say('broadcasting decline');
    await this.#broadcast(DHCPDECLINE, [this.#requested(), ...this.#identity()], ANY);
    if (this.#state !== 'requesting') await this.#script('deconfig');
    this.#restart();
    this.#requestedIp = ANY;
    this.#timeout = tryAgain;
    return true;
  }

  async #refused(message: DhcpMessage): Promise<void> {
    const server = option32(message, DhcpOpt.serverIdentifier) ?? 0;
    if ((server | 0) !== this.#serverId) return;
    this.#change('none');
    await this.#say('received DHCP NAK');
    await this.#script('nak', message.buf);
    if (this.#state !== 'requesting') await this.#script('deconfig');
    await this.#proc.sleep(3 * SEC);
    this.#restart();
    this.#requestedIp = ANY;
  }

  /** Runs the script and waits for it; one that cannot be run is passed over in silence. `d4_run_script()` */
  async #script(event: string, message?: Uint8Array): Promise<void> {
    const env = new Map(this.#proc.env);
    for (const [name, value] of scriptEnvironment(this.#o.interface, message)) env.set(name, value);
    const { script } = this.#o;
    const child = this.#proc.spawn(
      [script, event],
      async (proc) => {
        try {
          return await exec(proc, proc.path(script), [script, event]);
        } catch (e) {
          if (!(e instanceof KernelError)) throw e;
          return 127;
        }
      },
      { env },
    );
    await this.#proc.waitFor(child);
  }
}

function option32(message: DhcpMessage, code: number): number | undefined {
  const data = dhcpOption(message.buf, code);
  return data?.length === 4 ? getU32(data, 0) : undefined;
}
