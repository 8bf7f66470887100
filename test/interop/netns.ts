import { spawnSync } from 'node:child_process';

/** What a program printed, and how it ended. */
export interface Ran {
  readonly code: number | null;
  readonly out: string;
}

/** Runs a program of this computer to its end. */
export function run(command: string, ...args: string[]): Ran {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  return { code: status, out: `${stdout}${stderr}` };
}

/** A network namespace of this computer that a test has made for itself. */
export class OwnNetns {
  readonly name: string;

  private constructor(name: string) {
    this.name = name;
  }

  /** @returns undefined, with a line that says so, if this computer or this user can't, or if a tool is missing */
  static make(what: string, tools: readonly string[]): OwnNetns | undefined {
    const name = `labwire-${process.pid}-${what}`;
    const missing = ['ip', ...tools].filter((tool) => run('which', tool).code !== 0);
    const able = process.platform === 'linux' && process.getuid?.() === 0 && missing.length === 0;
    if (able && run('ip', 'netns', 'add', name).code === 0) {
      run('ip', '-n', name, 'link', 'set', 'lo', 'up');
      return new OwnNetns(name);
    }
    console.log(`skipped: ${what} needs root, network namespaces, and ip ${tools.join(' ')}`);
    return undefined;
  }

  /** The words before a command that is to run in it. */
  get enter(): readonly string[] {
    return ['ip', 'netns', 'exec', this.name];
  }

  /** Runs a program in it. */
  inside(...words: string[]): Ran {
    const [command, ...args] = [...this.enter, ...words] as [string, ...string[]];
    return run(command, ...args);
  }

  /** Runs `ip` in it. @throws Error with what it said, if anything */
  ip(line: string): void {
    const { out } = run('ip', '-n', this.name, ...line.split(' '));
    if (out !== '') throw new Error(`ip ${line}: ${out}`);
  }

  end(): void {
    run('ip', 'netns', 'del', this.name);
  }
}
