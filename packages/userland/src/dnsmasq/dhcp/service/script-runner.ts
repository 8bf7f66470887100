import { utf8Decode } from '@labwire/core/bytes';
import { KernelError, strerror } from '@labwire/core/error';
import { POLLIN, type Pollable, WaitQueue } from '@labwire/core/sim';
import { findUser } from '../../../base/index.ts';
import { exec, type OpenFile, openPipe, type Process } from '../../../machine/index.ts';
import { type Daemon, dnsmasqTime } from '../../daemon.ts';
import { EC_BADCONF, Fatal } from '../../fatal.ts';
import { killName, type Lease, type LeaseStore } from '../lease/index.ts';
import { type ScriptAction, type ScriptCall, scriptCall } from './script-environment.ts';

/** Calls of the script that wait for their turn; the helper process runs one after the other. */
class ScriptQueue implements Pollable {
  readonly wq: WaitQueue = new WaitQueue();
  readonly calls: ScriptCall[] = [];
  closed = false;

  push(call: ScriptCall): void {
    this.calls.push(call);
    this.wq.wake();
  }

  close(): void {
    this.closed = true;
    this.wq.wake();
  }

  poll(): number {
    return this.calls.length > 0 || this.closed ? POLLIN : 0;
  }
}

/** --dhcp-script: tells a program of new, changed and lost leases. dnsmasq src/helper.c */
export class ScriptRunner {
  readonly #daemon: Daemon;
  readonly #store: LeaseStore;
  readonly #script: string;
  readonly #queue: ScriptQueue = new ScriptQueue();
  #uid = 0;
  #gid = 0;

  constructor(daemon: Daemon, store: LeaseStore, script: string) {
    this.#daemon = daemon;
    this.#store = store;
    this.#script = script;
  }

  /** Finds --dhcp-scriptuser. @throws Fatal */
  open(): void {
    const { proc, config } = this.#daemon;
    const name = config.dhcp.scriptUser;
    if (name === undefined) return;
    const user = findUser(proc.fs, name);
    if (user === undefined) throw new Fatal(`unknown user or group: ${name}`, EC_BADCONF);
    this.#uid = user.uid;
    this.#gid = user.gid;
  }

  /** Starts the helper, which keeps the rights of root, or has those of its user. create_helper() */
  start(): void {
    const { proc } = this.#daemon;
    const handlers = [1, 2, 14, 15];
    proc.spawn(
      proc.argv,
      (helper) => {
        for (const signal of handlers) helper.handlers.set(signal, 'ignore');
        return this.#help(helper);
      },
      { uid: this.#uid, gid: this.#gid, fds: new Map() },
    );
  }

  async #help(helper: Process): Promise<number> {
    for (;;) {
      await helper.poll([{ on: this.#queue, events: POLLIN }], undefined, 'a change of a lease');
      const call = this.#queue.calls.shift();
      if (call !== undefined) await this.#run(helper, call);
      else if (this.#queue.closed) return 0;
    }
  }

  async #run(helper: Process, { args, env }: ScriptCall): Promise<void> {
    const { reader, writer } = openPipe();
    const nothing = helper.fs.open('/dev/null', { read: true });
    const fds = new Map<number, OpenFile>([
      [0, nothing],
      [1, writer],
      [2, writer],
    ]);
    reader.ref();
    const all = new Map(helper.env);
    for (const [key, value] of env) all.set(key, value);
    const name = this.#script.slice(this.#script.lastIndexOf('/') + 1);
    const body = (child: Process) => this.#exec(child, [name, ...args]);
    const child = helper.spawn([name, ...args], body, { fds, env: all });
    await this.#logOutput(helper, reader);
    const status = await helper.waitFor(child);
    const { log } = this.#daemon;
    if (child.killedBy !== undefined)
      log.warning(`script process killed by signal ${child.killedBy}`);
    else if (status !== 0) log.warning(`script process exited with status ${status}`);
  }

  async #exec(child: Process, argv: readonly string[]): Promise<number> {
    try {
      return await exec(child, child.path(this.#script), argv);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      this.#daemon.log.error(`failed to execute ${this.#script}: ${strerror(e.errno)}`);
      return 0;
    }
  }

  /** What the script prints goes into the log, line by line. */
  async #logOutput(helper: Process, reader: OpenFile): Promise<void> {
    let text = '';
    for (;;) {
      const data = reader.read(65_536);
      if (data === undefined) {
        await helper.poll([{ on: reader, events: POLLIN }], undefined, 'the lease script');
        continue;
      }
      if (data.length === 0) break;
      text += utf8Decode(data);
    }
    reader.unref();
    for (const line of text.split('\n')) if (line !== '') this.#daemon.log.info(line, 'script');
  }

  /** Hands over all that has changed: first what was lost. do_script_run() */
  flush(): void {
    const store = this.#store;
    for (const lease of store.old.splice(0)) {
      if (lease.oldHostname !== undefined) this.#call(lease, 'old-hostname');
      killName(lease);
      this.#call(lease, 'del');
    }
    for (const lease of store.leases)
      if (lease.oldHostname !== undefined) {
        this.#call(lease, 'old-hostname');
        lease.oldHostname = undefined;
      }
    for (const lease of store.leases) if (this.#isDue(lease)) this.#announce(lease);
  }

  #isDue(lease: Lease): boolean {
    const { config } = this.#daemon;
    return (
      lease.isNew ||
      lease.changed ||
      (lease.auxChanged && config.has('leasefile-ro')) ||
      (lease.expiresChanged && config.has('script-on-renewal'))
    );
  }

  #announce(lease: Lease): void {
    this.#call(lease, lease.isNew ? 'add' : 'old');
    lease.isNew = false;
    lease.changed = false;
    lease.auxChanged = false;
    lease.expiresChanged = false;
    lease.extra = undefined;
  }

  #call(lease: Lease, action: ScriptAction): void {
    const { proc, config } = this.#daemon;
    this.#queue.push(
      scriptCall(lease, action, {
        now: dnsmasqTime(this.#daemon),
        device: proc.netns.devices.byIndex(lease.ifindex)?.name ?? '',
        logDhcp: config.has('log-dhcp'),
        duid: this.#store.duid,
      }),
    );
  }

  /** Ends the helper once it has done all. */
  stop(): void {
    this.flush();
    this.#queue.close();
  }
}
