import type { Fence } from './fence.ts';
import { LabError } from './lab-error.ts';

/** What the words after a block's language, or an overlay's entry, say about it. */
export interface BlockWords {
  /** The machine for prompts that name none. */
  readonly on?: string;
  readonly terminal?: string;
  readonly skip?: boolean;
  readonly mayFail?: boolean;
}

/** The languages whose blocks may hold commands; '' is none at all. */
const SHELL_LANGUAGES: ReadonlySet<string> = new Set([
  'console',
  'bash',
  'sh',
  'shell',
  'shellsession',
  'terminal',
  'text',
  '',
]);
/** The languages whose blocks are scripts where no line has a prompt. */
const SCRIPT_LANGUAGES: ReadonlySet<string> = new Set(['bash', 'sh', 'shell']);

/** Whether a block of this language may be a transcript. */
export function mayHoldPrompts(language: string): boolean {
  return SHELL_LANGUAGES.has(language);
}

/** Whether a block of this language is a script where no line has a prompt. */
export function mayBeScript(language: string): boolean {
  return SCRIPT_LANGUAGES.has(language);
}

/**
 * Reads `on=`, `terminal=`, `skip` and `may-fail`; words of other tools are left alone.
 * @throws {@link LabError} if a word of ours has a bad value
 */
export function readBlockWords(fence: Fence, file: string): BlockWords {
  const words: { -readonly [K in keyof BlockWords]: BlockWords[K] } = {};
  for (const word of fence.words) {
    const eq = word.indexOf('=');
    const key = eq < 0 ? word : word.slice(0, eq);
    const value = eq < 0 ? undefined : word.slice(eq + 1);
    if (key === 'on' || key === 'terminal') words[key] = needValue(fence, file, key, value);
    else if (key === 'skip') words.skip = needNone(fence, file, word, value);
    else if (key === 'may-fail') words.mayFail = needNone(fence, file, word, value);
  }
  return words;
}

function needValue(fence: Fence, file: string, key: string, value: string | undefined): string {
  if (value !== undefined && value !== '') return value;
  throw new LabError(file, fence.line, `"${key}" names nothing`, `write ${key}=NAME`);
}

function needNone(fence: Fence, file: string, word: string, value: string | undefined): true {
  if (value === undefined) return true;
  const key = word.slice(0, word.indexOf('='));
  throw new LabError(file, fence.line, `"${word}": ${key} takes no value`, `write ${key} alone`);
}
