import { KernelError } from '@labwire/core/error';
import { type ArgKind, getopt, getoptManual, type LongOption } from '../libc-net/index.ts';
import { type Process, type Program, withManual } from '../machine/index.ts';

/** The options that a tool was given. */
export class Options {
  readonly #found: readonly { readonly opt: string; readonly arg: string | undefined }[];

  constructor(found: readonly { readonly opt: string; readonly arg: string | undefined }[]) {
    this.#found = found;
  }

  /** Whether any of these options was given. */
  has(...keys: string[]): boolean {
    return this.#found.some((f) => keys.includes(f.opt));
  }

  /** The argument of the last one given. */
  value(key: string): string | undefined {
    return this.#found.filter((f) => f.opt === key).at(-1)?.arg;
  }

  /** The arguments of all given, in order. */
  values(key: string): string[] {
    return this.#found.filter((f) => f.opt === key).map((f) => f.arg ?? '');
  }

  /** Which of these was given last. */
  last(...keys: string[]): string | undefined {
    return this.#found.filter((f) => keys.includes(f.opt)).at(-1)?.opt;
  }

  /** All of them, in order. */
  list(): readonly { readonly opt: string; readonly arg: string | undefined }[] {
    return this.#found;
  }
}

/** How a tool reads its command line. */
export interface ToolSpec {
  readonly name: string;
  /** Letters as getopt(3) takes them. */
  readonly letters: string;
  /** It has no options: every word is an operand. */
  readonly plain?: boolean;
  /** Long names: `all: 'a'`; with `=` at the end one that takes an argument, with `?` an optional one. */
  readonly longs?: Readonly<Record<string, string>>;
  /** What becomes of the words before they are parsed: `-5` may be another way to say `-n 5`. */
  readonly spell?: (words: readonly string[]) => readonly string[];
  /** Keys of options that the body answers with an error. */
  readonly refused?: readonly string[];
  /** Exit status of a bad command line. Default 1. */
  readonly usageStatus?: number;
  /** Printed after a bad option in place of GNU's `Try 'NAME --help'`. */
  readonly usage?: string;
}

/** What a tool does once its options are known. */
export type ToolBody = (
  proc: Process,
  options: Options,
  operands: readonly string[],
) => Promise<number>;

/** A tool's complaint about how it is used: printed after its name, with the hint at --help; an empty one is the hint alone. */
export class UsageError extends Error {}

/** A tool's complaint that ends it: printed after its name. */
export class ToolError extends Error {
  readonly status: number;
  constructor(message: string, status = 1) {
    super(message);
    this.status = status;
  }
}

function longOptions(longs: Readonly<Record<string, string>>): LongOption[] {
  return Object.entries(longs).map(([name, key]) => {
    const mark = name.at(-1);
    const arg: ArgKind = mark === '=' ? 'required' : mark === '?' ? 'optional' : 'no';
    return { name: arg === 'no' ? name : name.slice(0, -1), arg, key };
  });
}

/** Makes a program that parses its options as GNU tools do and reports trouble as they do. */
export function tool(spec: ToolSpec, body: ToolBody): Program {
  const longs = longOptions(spec.longs ?? {});
  return withManual(
    async (proc) => {
      const given = proc.argv.slice(1);
      const words = spec.spell?.(given) ?? given;
      const { options, operands, error } =
        spec.plain === true ? plainWords(words) : getopt(words, spec.letters, longs);
      try {
        if (error !== undefined) throw new UsageError(error);
        return await body(proc, new Options(options), operands);
      } catch (e) {
        return report(proc, spec, e);
      }
    },
    getoptManual({
      letters: spec.letters,
      longs,
      usage: spec.usage ?? '',
      refused: spec.refused ?? [],
    }),
  );
}

function plainWords(words: readonly string[]): ReturnType<typeof getopt> {
  return { options: [], operands: [...words], error: undefined };
}

async function report(proc: Process, spec: ToolSpec, e: unknown): Promise<number> {
  if (e instanceof UsageError) {
    const hint = spec.usage ?? `Try '${spec.name} --help' for more information.\n`;
    await proc.err(e.message === '' ? hint : `${spec.name}: ${e.message}\n${hint}`);
    return spec.usageStatus ?? 1;
  }
  if (e instanceof ToolError) {
    await proc.err(`${spec.name}: ${e.message}\n`);
    return e.status;
  }
  if (e instanceof KernelError && e.errno !== 'EPIPE') {
    await proc.err(`${spec.name}: write error: ${e.message}\n`);
    return 1;
  }
  throw e;
}

/** Runs something for each file; a system call's failure is printed as `NAME: FILE: WHY` and the next is taken. @returns 1 if any failed */
export async function eachFile(
  proc: Process,
  name: string,
  files: readonly string[],
  body: (file: string) => Promise<void>,
): Promise<number> {
  let status = 0;
  for (const file of files) {
    try {
      await body(file);
    } catch (e) {
      if (!(e instanceof KernelError) || e.errno === 'EPIPE') throw e;
      await proc.err(`${name}: ${file}: ${e.message}\n`);
      status = 1;
    }
  }
  return status;
}

/** A text in the quotes that GNU tools put around names in messages: `'a b'`. */
export function quote(text: string): string {
  return text.includes("'") && !text.includes('"')
    ? `"${text}"`
    : `'${text.replaceAll("'", "'\\''")}'`;
}
