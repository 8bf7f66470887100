import { LibvirtError } from '../libvirt/base/index.ts';
import { Connection } from '../libvirt/daemon/index.ts';
import type { Process, Program, WindowSize } from '../machine/index.ts';
import { buildGuest, type Talk } from './build.ts';
import { type Options, parseCommandLine } from './command-line.ts';
import { baseName, makeDisk } from './disk.ts';
import { type Guest, guestXml, hasInstallPhase } from './guest.ts';
import { osNames } from './os-list.ts';
import { UsageError, VirtInstallError } from './virt-install-error.ts';

const USAGE = 'usage: virt-install --name NAME --memory MB STORAGE INSTALL [options]\n';
const VERSION = '4.1.0';
const SECOND = 1_000_000_000;

/** virt-install(1). virtinst/virtinstall.py */
export const virtInstall: Program = async (proc) => {
  try {
    const options = parseCommandLine(proc.argv.slice(1));
    return await new VirtInstall(proc, options).run();
  } catch (e) {
    if (e instanceof UsageError) {
      await proc.err(`${USAGE}virt-install: error: ${e.message}\n`);
      return 2;
    }
    if (!(e instanceof VirtInstallError || e instanceof LibvirtError)) throw e;
    await proc.err(`ERROR    ${e.message}\n`);
    return 1;
  }
};

/** One run of virt-install. */
class VirtInstall implements Talk {
  readonly #proc: Process;
  readonly #options: Options;
  readonly #quiet: boolean;

  constructor(proc: Process, options: Options) {
    this.#proc = proc;
    this.#options = options;
    this.#quiet = options.has('quiet') || options.has('print-xml');
  }

  async say(text: string): Promise<void> {
    if (!this.#quiet) await this.#proc.out(text);
  }

  async warn(text: string): Promise<void> {
    if (!this.#quiet) await this.#proc.err(`WARNING  ${text}\n`);
  }

  async run(): Promise<number> {
    const o = this.#options;
    const plain = this.#plainAnswer();
    if (plain !== undefined) {
      await this.#proc.out(plain);
      return 0;
    }
    if (o.value('wait') === '0') await this.warn('Treating --wait 0 as --noautoconsole');
    const uri = o.value('connect') ?? this.#proc.env.get('LIBVIRT_DEFAULT_URI') ?? '';
    const connection = Connection.open(this.#proc, uri, false);
    const guest = await buildGuest(this.#proc, o, connection, this);
    if (o.has('print-xml')) {
      await this.#proc.out(`${this.#xmlToPrint(guest)}\n`);
      return 0;
    }
    if (o.has('dry-run')) {
      await this.say('Dry run completed successfully\n');
      return 0;
    }
    return this.#install(connection, guest);
  }

  #plainAnswer(): string | undefined {
    const o = this.#options;
    if (o.has('help')) return USAGE;
    if (o.has('version')) return `${VERSION}\n`;
    if (['list', 'help', '?'].includes(o.value('osinfo') ?? ''))
      return osNames()
        .map((name) => `${name}\n`)
        .join('');
    return undefined;
  }

  #xmlToPrint(guest: Guest): string {
    const step = this.#options.value('print-xml') || 'all';
    const phases = hasInstallPhase(guest);
    if (!['1', '2', 'all'].includes(step))
      throw new VirtInstallError(`Unknown XML step request '${step}', must be 1, 2, or all`);
    if (step === '2' && !phases)
      throw new VirtInstallError('Requested installation does not have XML step 2');
    const first = step === '2' ? '' : guestXml(guest, true);
    const second = step === '1' || !phases ? '' : guestXml(guest, false);
    return first + second;
  }

  async #install(connection: Connection, guest: Guest): Promise<number> {
    const wait = await this.#waitMinutes(guest);
    await this.say('\nStarting install...\n');
    try {
      checkName(guest.name);
      await this.#create(connection, guest);
    } catch (e) {
      if (!(e instanceof VirtInstallError || e instanceof LibvirtError)) throw e;
      await this.#proc.err(`ERROR    ${e.message}\n${failure(guest)}`);
      return 1;
    }
    return this.#afterwards(connection, guest, wait);
  }

  /** Creates what is to run now, and defines what is to stay. Installer._create_guest() */
  async #create(connection: Connection, guest: Guest): Promise<void> {
    const o = this.#options;
    const taken = await connection.call(
      (d) => d.domains.search(guest.name, ['name']) !== undefined,
    );
    if (taken) throw new VirtInstallError(`Guest name '${guest.name}' is already in use.`);
    for (const disk of guest.disks) {
      if (disk.made) await this.#meter(`Allocating '${baseName(disk.path ?? '')}'`, '... ', '');
      makeDisk(this.#proc, disk);
    }
    const boots = !o.has('noreboot') || o.has('transient') || hasInstallPhase(guest);
    await connection.change('virDomainCreateXML', async (d) => {
      if (boots) await d.domains.create(guestXml(guest, true));
      if (!o.has('transient')) d.domains.define(guestXml(guest, false));
      if (o.has('autostart')) d.domains.setAutostart(d.domains.find(guest.name), true);
    });
    await this.#meter('Creating domain...', '    ', '\n');
  }

  /** A finished line of progress. virtinst/progress.py, TextMeter */
  async #meter(text: string, tail: string, end: string): Promise<void> {
    const file = this.#proc.fds.get(1);
    const tty = file !== undefined && 'size' in file ? (file.size as WindowSize) : undefined;
    const columns = tty?.columns ?? 80;
    const tailText = `|    0 B  00:00:00 ${tail}`;
    await this.say(`\r${text.padEnd(columns - tailText.length)}${tailText}${end}`);
  }

  /** How many minutes are waited for the guest to end: undefined not at all, below 0 for ever. */
  async #waitMinutes(guest: Guest): Promise<number | undefined> {
    const o = this.#options;
    const word = o.value('wait');
    if (word !== undefined && word !== '0') return word === '' ? -1 : Number(word);
    if (this.#noConsole()) return undefined;
    if (guest.graphics === undefined) return undefined;
    await this.warn('Graphics requested but DISPLAY is not set. Not running virt-viewer.');
    await this.warn('No console to launch for the guest, defaulting to --wait -1');
    return -1;
  }

  #noConsole(): boolean {
    const o = this.#options;
    return o.has('noautoconsole') || o.value('wait') === '0' || o.value('autoconsole') === 'none';
  }

  async #afterwards(
    connection: Connection,
    guest: Guest,
    wait: number | undefined,
  ): Promise<number> {
    if (guest.graphics === undefined && !this.#noConsole() && wait === undefined)
      await this.#textConsole(guest);
    if (await this.#stillRuns(connection, guest, wait)) return 0;
    await this.say('Domain creation completed.\n');
    const active = await connection.call((d) => d.domains.search(guest.name)?.active);
    if (this.#options.has('transient') || active === true) return 0;
    if (this.#options.has('noreboot') || !hasInstallPhase(guest)) {
      await this.say(`You can restart your domain by running:\n  ${startCommand(guest)}\n`);
      return 0;
    }
    await this.say('Restarting guest.\n');
    await connection.change('virDomainCreate', (d) =>
      d.domains.startDomain(d.domains.find(guest.name)),
    );
    return 0;
  }

  /** There is no console here: it ends as where there is no terminal. */
  async #textConsole({ name }: Guest): Promise<void> {
    await this.say(
      `Running text console command: virsh --connect qemu:///system console ${name}\n`,
    );
    await this.#proc.err('error: Cannot run interactive console without a controlling TTY\n\n');
    await this.warn('Console command returned failure.');
  }

  /** Waits as it is told. @returns whether the guest is left running */
  async #stillRuns(
    connection: Connection,
    guest: Guest,
    wait: number | undefined,
  ): Promise<boolean> {
    const running = await connection.call((d) => d.domains.search(guest.name)?.running);
    if (running === undefined) return false;
    if (wait === undefined && !hasInstallPhase(guest)) return false;
    await this.say('\nDomain is still running. Installation may be in progress.\n');
    if (wait === undefined) {
      await this.say('You can reconnect to the console to complete the installation process.\n');
      return true;
    }
    await this.say(
      wait < 0
        ? 'Waiting for the installation to complete.\n'
        : `Waiting ${wait} minute${wait === 1 ? '' : 's'} for the installation to complete.\n`,
    );
    for (let seconds = 0; running.proc.exitCode === undefined; seconds++) {
      if (wait >= 0 && seconds >= wait * 60)
        throw new VirtInstallError(
          'Installation has exceeded specified time limit. Exiting application.',
        );
      await this.#proc.sleep(SECOND);
    }
    await this.say('Domain has shutdown. Continuing.\n');
    return false;
  }
}

function checkName(name: string): void {
  for (const c of [' ', '/'])
    if (name.includes(c))
      throw new VirtInstallError(`Guest name '${name}' can not contain '${c}' character.`);
}

function startCommand({ name }: Guest): string {
  return `virsh --connect qemu:///system start ${name}`;
}

function failure(guest: Guest): string {
  return `Domain installation does not appear to have been successful.
If it was, you can restart your domain by running:
  ${startCommand(guest)}
otherwise, please restart your installation.
`;
}
