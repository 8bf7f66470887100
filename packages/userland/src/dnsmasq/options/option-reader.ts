import { utf8Decode } from '@labwire/core/bytes';
import { KernelError, strerror } from '@labwire/core/error';
import type { Process } from '../../machine/index.ts';
import type { Config } from '../config/index.ts';
import { EC_BADCONF, EC_FILE, Fatal, OptionError } from '../fatal.ts';
import { applyOption, type SeenOptions } from './apply-option.ts';
import { configFilesIn } from './config-dir.ts';
import { cutConfigLine, readConfigLine } from './config-line.ts';
import { LONG_OPTIONS } from './option-table.ts';
import { unhide } from './option-text.ts';

/** What a file that is read again while dnsmasq runs holds: one option's arguments, or servers. */
export type FileKind = { readonly key: string } | 'servers';

/** Says what is wrong with a line of a file that is read while dnsmasq runs. */
export type Complain = (message: string) => void;

const BY_NAME = new Map(LONG_OPTIONS.map((o) => [o.name, o]));

/** Options that name files with more of them. */
export const FILE_OPTIONS: Readonly<
  Record<string, (reader: OptionReader, arg: string) => Promise<void>>
> = {
  C: (reader, arg) => reader.file(unhide(arg)),
  '7': (reader, arg) => reader.directory(arg),
};

/** Reads options into a configuration: from the command line, and from files that name each other. dnsmasq src/option.c */
export class OptionReader {
  readonly #proc: Process;
  readonly #config: Config;
  readonly #seen: SeenOptions = new Map();
  readonly #filesRead = new Set<number>();
  #stdinRead = false;

  constructor(proc: Process, config: Config) {
    this.#proc = proc;
    this.#config = config;
  }

  /** One option of the command line. @throws Fatal */
  async commandLine(key: string, arg: string | undefined): Promise<void> {
    try {
      await this.#apply(key, arg ?? '', true, false);
    } catch (e) {
      if (!(e instanceof OptionError)) throw e;
      throw new Fatal(`bad command line options: ${e.message}`, EC_BADCONF);
    }
  }

  async #apply(
    key: string,
    arg: string,
    onCommandLine: boolean,
    serversOnly: boolean,
  ): Promise<void> {
    const files = key === 'C' && arg === '' ? undefined : FILE_OPTIONS[key];
    if (files !== undefined) return files(this, arg);
    const genericError = onCommandLine ? 'try --help' : 'error';
    const c = { proc: this.#proc, config: this.#config, genericError, serversOnly };
    await applyOption(c, this.#seen, key, arg, onCommandLine);
  }

  /** Reads all files of a directory. @throws Fatal */
  async directory(arg: string): Promise<void> {
    for (const path of configFilesIn(this.#proc.fs, arg)) await this.file(path);
  }

  /**
   * Reads a configuration file; one that was read already is passed over. one_file()
   * @param optional it need not be there
   * @throws Fatal
   */
  async file(path: string, optional = false): Promise<void> {
    const { fs } = this.#proc;
    if (path === '-') return this.#stdin();
    const full = this.#proc.path(path);
    let text: string;
    try {
      const { ino } = fs.stat(full);
      if (this.#filesRead.has(ino)) return;
      this.#filesRead.add(ino);
      text = fs.readText(full);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      if (optional && e.errno === 'ENOENT') return;
      throw new Fatal(`cannot read ${path}: ${strerror(e.errno)}`, EC_FILE);
    }
    await this.#lines(path, text);
  }

  async #stdin(): Promise<void> {
    if (this.#stdinRead) return;
    this.#stdinRead = true;
    const chunks: Uint8Array[] = [];
    for (;;) {
      const chunk = await this.#proc.read(0);
      if (chunk.length === 0) break;
      chunks.push(chunk);
    }
    await this.#lines('stdin', chunks.map((chunk) => utf8Decode(chunk)).join(''));
  }

  async #lines(path: string, text: string): Promise<void> {
    for (const [i, line] of text.split('\n').entries()) {
      try {
        await this.#line(line, false);
      } catch (e) {
        if (!(e instanceof OptionError)) throw e;
        throw new Fatal(`${e.message} at line ${i + 1} of ${path}`, EC_BADCONF);
      }
    }
  }

  /** Reads the lines of a file while dnsmasq runs; what is wrong is said, and passed over. @throws KernelError */
  async again(path: string, kind: FileKind, complain: Complain): Promise<void> {
    const text = this.#proc.fs.readText(this.#proc.path(path));
    for (const [i, line] of text.split('\n').entries()) {
      try {
        if (kind === 'servers') await this.#line(line, true);
        else {
          const arg = readConfigLine(line);
          if (arg !== '') await this.#apply(kind.key, arg, false, false);
        }
      } catch (e) {
        if (!(e instanceof OptionError)) throw e;
        complain(`${e.message} at line ${i + 1} of ${path}`);
      }
    }
  }

  async #line(line: string, serversOnly: boolean): Promise<void> {
    const text = readConfigLine(line);
    if (text === '') return;
    const { name, arg } = cutConfigLine(text);
    const option = BY_NAME.get(name);
    if (option === undefined) throw new OptionError('bad option');
    if (option.arg === 'no' && arg !== undefined) throw new OptionError('extraneous parameter');
    if (option.arg === 'required' && arg === undefined) throw new OptionError('missing parameter');
    if (serversOnly && option.key !== 'S' && option.key !== 'rev-server')
      throw new OptionError('illegal option');
    await this.#apply(option.key, arg ?? '', false, serversOnly);
  }
}
