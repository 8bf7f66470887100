import { utf8Encode } from '@labwire/core/bytes';
import { POLLIN, type Pollable, WaitQueue } from '@labwire/core/sim';
import type { ConsoleKeys } from '../../../hypervisor/index.ts';
import { controllingTty, type Process } from '../../../machine/index.ts';
import { LibvirtError } from '../../base/index.ts';
import type { XmlNode } from '../../domain/index.ts';
import type { CommandDef } from '../command.ts';
import type { Vsh } from '../vsh.ts';
import { askDomain, domainOption, flag } from './domain-option.ts';

const CHUNK = 1024;

/** The key that leaves a console: Ctrl with the second character of `^]`, or the character itself. virshGetEscapeChar() */
function escapeByte(text: string): number {
  const at = text.startsWith('^') && text.length === 2 ? 1 : 0;
  const code = text.toUpperCase().charCodeAt(at);
  return at === 1 ? code ^ 0x40 : text.charCodeAt(0);
}

const showEscape = (text: string): string =>
  text.startsWith('^') ? `${text} (Ctrl + ${text.slice(1)})` : text;

/** Joins the terminal to a domain's console until the escape key, or the domain's end. virshRunConsole() @returns whether it could */
export async function runConsole(
  vsh: Vsh,
  uuid: string,
  how: { readonly device?: string | undefined; readonly force: boolean },
): Promise<boolean> {
  const { proc } = vsh;
  const active = await vsh.connection.call((d) => d.domains.find(uuid).active);
  if (!active) {
    await vsh.error('The domain is not running');
    return false;
  }
  if (!proc.isTty(0)) {
    await vsh.error('Cannot run interactive console without a controlling TTY');
    return false;
  }
  const { name } = await vsh.connection.call((d) => d.domains.find(uuid));
  const key = vsh.settings.escape;
  await vsh.printExtra(`Connected to domain '${name}'\nEscape character is ${showEscape(key)}\n`);
  const session = new Session(proc, escapeByte(key));
  const seat = await vsh.connection.change('virDomainOpenConsole', (d) => {
    const { running } = d.domains.find(uuid);
    if (running === undefined) throw new LibvirtError('operation-invalid', 'domain is not running');
    checkDevice(running.def.all('console'), how.device);
    const keys = running.console.open(session.show, () => session.leave(), how.force);
    const onChange = (): void => {
      if (running.guest.state === 'off') session.leave();
    };
    running.guest.wq.add(onChange);
    const close = (): void => {
      running.guest.wq.remove(onChange);
      running.console.close(session.show);
    };
    return { keys, close };
  });
  try {
    await session.run(seat.keys);
  } finally {
    seat.close();
  }
  return true;
}

/** @throws LibvirtError if there is no such device */
function checkDevice(consoles: readonly XmlNode[], device: string | undefined): void {
  const names = consoles.flatMap((c) => c.child('alias')?.attr('name') ?? []);
  if (device !== undefined && !names.includes(device))
    throw new LibvirtError('internal', `cannot find character device ${device}`);
  if (consoles.length === 0)
    throw new LibvirtError('internal', 'cannot find character device (null)');
}

/** Somebody at a console. */
class Session implements Pollable {
  readonly wq: WaitQueue = new WaitQueue();
  readonly #proc: Process;
  readonly #escape: number;
  #over = false;

  constructor(proc: Process, key: number) {
    this.#proc = proc;
    this.#escape = key;
  }

  readonly show = (text: string): void => {
    this.#proc.fds.get(1)?.write(utf8Encode(text));
  };

  leave(): void {
    this.#over = true;
    this.wq.wake();
  }

  poll(): number {
    return this.#over ? POLLIN : 0;
  }

  async run(guest: ConsoleKeys): Promise<void> {
    const tty = controllingTty(this.#proc);
    if (tty !== undefined) tty.raw = true;
    const input = this.#proc.file(0);
    const items = [input, this].map((on) => ({ on, events: POLLIN }));
    try {
      while (!this.#over) {
        await this.#proc.poll(items, undefined, 'keys for the console');
        const keys = input.read(CHUNK);
        if (keys?.length === 0) return;
        for (const key of keys ?? []) {
          if (key === this.#escape) return;
          guest.type(key);
        }
      }
    } finally {
      if (tty !== undefined) tty.raw = false;
    }
  }
}

const consoleCommand: CommandDef = {
  name: 'console',
  description: 'Connect the virtual serial console for the guest',
  options: [
    domainOption(),
    { name: 'devname', type: 'string', help: 'character device name' },
    flag('force', 'force console connection (disconnect already connected sessions)'),
    flag('safe', 'only connect if safe console handling is supported'),
  ],
  async run(vsh, cmd) {
    const uuid = await askDomain(vsh, cmd, (d) => d.uuid);
    return runConsole(vsh, uuid, { device: cmd.value('devname'), force: cmd.has('force') });
  },
};

const ttyconsole: CommandDef = {
  name: 'ttyconsole',
  description: 'Output the device for the TTY console.',
  options: [domainOption()],
  async run(vsh, cmd) {
    const path = await askDomain(vsh, cmd, (domain) =>
      domain.running?.def.all('console')[0]?.attr('tty'),
    );
    if (path === undefined) return false;
    await vsh.print(`${path}\n`);
    return true;
  },
};

export const consoleCommands: readonly CommandDef[] = [consoleCommand, ttyconsole];
