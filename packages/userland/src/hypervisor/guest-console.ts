import { utf8Decode } from '@labwire/core/bytes';
import { type LoginShell, type Machine, type Process, SIGINT, Tty } from '../machine/index.ts';

const BACKSPACE = 8;
const DELETE = 127;
const CTRL_C = 3;
const CTRL_D = 4;
const CR = 13;
const NL = 10;
const SIZE = { rows: 24, columns: 80 };
/** The device's number among the machine's terminals. */
const INDEX = 64;

/**
 * The serial console of a guest: a login at ttyS0. agetty(8), login(1)
 * @deviation nobody needs a password; a kernel's messages are not shown
 */
export class GuestConsole {
  readonly #machine: Machine;
  readonly #tty: Tty;
  readonly #show: (text: string) => void;
  #line: number[] = [];
  #process: Process | undefined;
  /** The shell waits for a line. */
  #atPrompt = false;
  /** Ctrl-C: what has been typed is no command. */
  #abandoned = false;

  /** @param show gets what the guest shows, with a carriage return at each line's end */
  constructor(machine: Machine, show: (text: string) => void) {
    this.#machine = machine;
    this.#show = (text) => show(text.replaceAll('\n', '\r\n'));
    this.#tty = new Tty(INDEX, SIZE, this.#show);
    const fds = new Map([0, 1, 2].map((fd) => [fd, this.#tty] as const));
    machine.startProcess(machine.init, ['/sbin/agetty', 'ttyS0'], (proc) => this.#getty(proc), {
      uid: 0,
      cwd: '/',
      fds,
      newGroup: true,
    });
  }

  /** Types a byte. */
  type(byte: number): void {
    if (byte === CTRL_C) this.#interrupt();
    else if (byte === CTRL_D && this.#line.length === 0) this.#tty.endOfInput();
    else if (byte === BACKSPACE || byte === DELETE) this.#erase();
    else if (byte === CR || byte === NL) this.#enter();
    else if (byte >= 32) {
      this.#line.push(byte);
      if (byte < 128) this.#show(String.fromCharCode(byte));
    }
  }

  #erase(): void {
    if (this.#line.pop() !== undefined) this.#show('\b \b');
  }

  #enter(): void {
    const text = utf8Decode(Uint8Array.from(this.#line));
    this.#line = [];
    this.#show('\n');
    this.#tty.type(`${text}\n`);
  }

  #interrupt(): void {
    this.#line = [];
    this.#show('^C');
    const shell = this.#process;
    if (shell === undefined) return;
    if (this.#atPrompt) {
      this.#show('\n');
      this.#abandoned = true;
      this.#tty.type('\n');
      return;
    }
    const group = [...shell.machine.processes.values()].filter((p) => p.pgid === shell.pgid);
    for (const proc of group.reverse()) proc.kill(SIGINT);
  }

  async #getty(proc: Process): Promise<number> {
    for (;;) {
      const host = proc.machine.hostname;
      await proc.out(`\nDebian GNU/Linux 12 ${host} ttyS0\n\n`);
      const uid = await this.#login(proc, host);
      await this.#session(proc, uid);
    }
  }

  /** @returns the user's id */
  async #login(proc: Process, host: string): Promise<number> {
    for (;;) {
      await proc.out(`${host} login: `);
      const name = utf8Decode(await proc.read(0)).trim();
      if (name === '') continue;
      const passwd = proc.fs.exists('/etc/passwd') ? proc.fs.readText('/etc/passwd') : '';
      const line = passwd.split('\n').find((l) => l.startsWith(`${name}:`));
      if (line !== undefined) return Number(line.split(':')[2]);
      await proc.out('\nLogin incorrect\n');
    }
  }

  /** One user's shell, until he leaves it. */
  async #session(proc: Process, uid: number): Promise<void> {
    const body = (child: Process): Promise<number> => this.#shell(child);
    const child = this.#machine.startLogin(undefined, body, { uid });
    for (const fd of [0, 1, 2]) child.setFd(fd, this.#tty);
    this.#process = child;
    await proc.waitFor(child);
    this.#process = undefined;
  }

  async #readLine(proc: Process): Promise<string> {
    this.#atPrompt = true;
    const line = utf8Decode(await proc.read(0));
    this.#atPrompt = false;
    return line;
  }

  async #shell(proc: Process): Promise<number> {
    const shell: LoginShell = proc.machine.loginShell(proc);
    shell.interactive = true;
    let text = '';
    while (!shell.exited) {
      await proc.out(shell.prompt(text !== ''));
      const line = await this.#readLine(proc);
      if (line === '') break;
      text = this.#abandoned ? '' : text + line;
      this.#abandoned = false;
      if (shell.isIncomplete(text)) continue;
      const command = text;
      text = '';
      if (command.trim() !== '') await shell.run(command);
    }
    return 0;
  }
}
