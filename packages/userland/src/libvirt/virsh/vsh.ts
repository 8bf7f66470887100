import type { Process } from '../../machine/index.ts';
import { LibvirtError } from '../base/index.ts';
import { Connection } from '../daemon/index.ts';
import type { ParsedCommand } from './command.ts';
import type { CommandTable } from './command-table.ts';

/** Options of virsh itself. vshControl */
export interface VshSettings {
  readonly quiet: boolean;
  readonly readOnly: boolean;
  readonly timing: boolean;
  /** What leaves a console: `^]`, or a character. */
  readonly escape: string;
  /** Empty: the default. */
  readonly uri: string;
  /** Reads commands from its input. */
  readonly interactive: boolean;
}

/** A running virsh: what its commands print with and connect through. libvirt tools/virsh.c */
export class Vsh {
  readonly proc: Process;
  readonly settings: VshSettings;
  readonly commands: CommandTable;
  #uri: string;
  #readOnly: boolean;
  #connection: Connection | undefined;

  constructor(proc: Process, settings: VshSettings, commands: CommandTable) {
    this.proc = proc;
    this.settings = settings;
    this.commands = commands;
    this.#uri = settings.uri;
    this.#readOnly = settings.readOnly;
  }

  /** The connection, made when it is first needed. @throws LibvirtError */
  get connection(): Connection {
    this.#connection ??= Connection.open(this.proc, this.#uri, this.#readOnly);
    return this.#connection;
  }

  /** Connects anew. @throws LibvirtError */
  reconnect(uri: string, readOnly: boolean): void {
    this.#uri = uri;
    this.#readOnly = readOnly;
    this.#connection = undefined;
    this.#connection = Connection.open(this.proc, uri, readOnly);
  }

  /** Prints what the user asked for. vshPrint() */
  print(text: string): Promise<void> {
    return this.proc.out(text);
  }

  /** Prints what `-q` leaves out. vshPrintExtra() */
  async printExtra(text: string): Promise<void> {
    if (!this.settings.quiet) await this.proc.out(text);
  }

  /** Prints an error. vshError() */
  error(text: string): Promise<void> {
    return this.proc.err(`error: ${text}\n`);
  }

  /** Waits for `work`; what libvirt reports is preceded by `text`. @throws LibvirtError */
  async explain<T>(text: string, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (e) {
      if (e instanceof LibvirtError) await this.error(text);
      throw e;
    }
  }

  /** Runs commands one after the other. vshCommandRun() @returns whether the last one succeeded */
  async run(commands: readonly ParsedCommand[]): Promise<boolean> {
    let ok = true;
    for (const cmd of commands) {
      const began = this.proc.now;
      ok = await this.#runOne(cmd);
      if (isQuit(cmd)) return ok;
      if (this.settings.timing)
        await this.print(`\n(Time: ${((this.proc.now - began) / 1e6).toFixed(3)} ms)\n\n`);
      else await this.printExtra('\n');
    }
    return ok;
  }

  async #runOne(cmd: ParsedCommand): Promise<boolean> {
    try {
      if (cmd.def.unconnected !== true) await this.#connect();
      return await cmd.def.run(this, cmd);
    } catch (e) {
      if (!(e instanceof LibvirtError)) throw e;
      await this.error(e.message);
      return false;
    }
  }

  async #connect(): Promise<void> {
    await this.explain('failed to connect to the hypervisor', (async () => void this.connection)());
  }
}

/** Whether a command ends virsh. */
export function isQuit(cmd: ParsedCommand): boolean {
  return cmd.def.name === 'quit' || cmd.def.name === 'exit';
}
