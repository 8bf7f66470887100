import { createInterface, type Interface } from 'node:readline';
import type { WindowSize } from '@labwire/userland/machine';

/** What someone types: lines, Ctrl-C and Ctrl-D. */
export interface Keyboard {
  /** Whether a person types, who sees a prompt and edits lines. */
  readonly isTerminal: boolean;
  /** Of the window that it goes with; undefined without one. */
  readonly size: WindowSize | undefined;
  /** Starts reading. */
  start(listener: KeyListener): void;
  /** Shows a prompt to type at; undefined for none. */
  prompt(text: string | undefined): void;
  /** Hands every key to `onKeys` as it is pressed, in place of lines; undefined: lines again. */
  raw(onKeys: ((keys: Uint8Array) => void) | undefined): void;
  /** Forgets what has been typed of the present line. */
  clear(): void;
  stop(): void;
}

/** Who is told of what is typed. */
export interface KeyListener {
  onLine(line: string): void;
  /** Ctrl-C. */
  onInterrupt(): void;
  /** Ctrl-D on an empty line, or the end of a pipe. */
  onEnd(): void;
  /** Words that could stand in place of the last one of `line`. */
  complete(line: string): { readonly words: readonly string[]; readonly last: string };
}

/** The process's standard input. */
export function processKeyboard(): Keyboard {
  return new ReadlineKeyboard();
}

/** Line editing, history and completion by node:readline. */
class ReadlineKeyboard implements Keyboard {
  readonly isTerminal: boolean = process.stdin.isTTY === true && process.stdout.isTTY === true;
  readonly size: WindowSize | undefined = this.isTerminal
    ? { rows: process.stdout.rows, columns: process.stdout.columns }
    : undefined;
  #interface: Interface | undefined;
  #listener: KeyListener | undefined;
  #history: string[] = [];
  #stopped = false;
  #onKeys: ((keys: Uint8Array) => void) | undefined;

  start(listener: KeyListener): void {
    this.#listener = listener;
    this.#open(listener);
  }

  prompt(text: string | undefined): void {
    if (!this.isTerminal) return;
    this.#interface?.setPrompt(text ?? '');
    if (text !== undefined) this.#interface?.prompt(true);
  }

  raw(onKeys: ((keys: Uint8Array) => void) | undefined): void {
    const { stdin } = process;
    if (this.#onKeys !== undefined) stdin.off('data', this.#onKeys);
    const wasRaw = this.#onKeys !== undefined;
    this.#onKeys = onKeys;
    if (onKeys !== undefined) {
      this.#interface?.close();
      stdin.setRawMode(true);
      stdin.on('data', onKeys);
      stdin.resume();
    } else if (wasRaw) {
      stdin.setRawMode(false);
      if (!this.#stopped && this.#listener !== undefined) this.#open(this.#listener);
    }
  }

  clear(): void {
    this.#interface?.write(null, { ctrl: true, name: 'e' });
    this.#interface?.write(null, { ctrl: true, name: 'u' });
  }

  stop(): void {
    this.#stopped = true;
    this.raw(undefined);
    this.#interface?.close();
    process.stdin.unref?.();
  }

  #open(listener: KeyListener): void {
    const rl = createInterface({
      input: process.stdin,
      ...(this.isTerminal ? { output: process.stdout } : {}),
      terminal: this.isTerminal,
      history: this.#history,
      historySize: 1000,
      completer: (line: string) => {
        const { words, last } = listener.complete(line);
        return [words, last];
      },
    });
    this.#interface = rl;
    rl.on('line', (line) => listener.onLine(line));
    rl.on('history', (history: string[]) => {
      this.#history = history;
    });
    rl.on('SIGINT', () => listener.onInterrupt());
    rl.on('close', () => this.#closed());
  }

  /** Ctrl-D closes the interface; the listener decides whether that was the end. */
  #closed(): void {
    const listener = this.#listener;
    if (this.#stopped || this.#onKeys !== undefined || listener === undefined) return;
    if (this.isTerminal) this.#open(listener);
    listener.onEnd();
  }
}
