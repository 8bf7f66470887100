import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Runs a program that does not outlive whoever holds the other end of this shell's standard input, however that one ends.
 * The program leads no terminal and gets no Ctrl-C: $1 and what follows.
 */
const LIFELINE = `exec 3<&0 </dev/null
"$@" 3<&- &
guest=$!
{ read -r _ <&3; kill "$guest"; sleep 5; kill -9 "$guest"; } 2>/dev/null &
watch=$!
wait "$guest"
code=$?
kill "$watch"
exit "$code"`;

/** Milliseconds that a guest has to end in good order. */
const PATIENCE = 3000;

/** Who is told of a process. */
export interface ProcessListener {
  /** It has said something on its standard output or error. */
  onText(text: string): void;
  /** It has ended. */
  onExit(code: number): void;
}

/** One QEMU of this computer. */
export class EmulatorProcess {
  readonly #shell: ChildProcess;
  readonly #exit: Promise<void>;

  constructor(program: string, words: readonly string[], listener: ProcessListener) {
    const shell = spawn('/bin/sh', ['-c', LIFELINE, 'sh', program, ...words], {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    this.#shell = shell;
    for (const output of [shell.stdout, shell.stderr])
      output?.on('data', (text) => listener.onText(String(text)));
    shell.stdin?.on('error', () => undefined);
    this.#exit = new Promise((done) => {
      // not `exit`: what it has said last is still to come then
      shell.once('close', (code) => {
        shell.stdin?.destroy();
        listener.onExit(code ?? 1);
        done();
      });
    });
  }

  /** Asks it to end. */
  end(): void {
    this.#shell.stdin?.destroy();
  }

  /** Ends it. */
  async close(): Promise<void> {
    this.end();
    const kill = setTimeout(() => this.#kill(), PATIENCE);
    await this.#exit;
    clearTimeout(kill);
  }

  #kill(): void {
    const { pid } = this.#shell;
    if (pid !== undefined && this.#shell.exitCode === null) process.kill(-pid, 'SIGKILL');
  }
}
