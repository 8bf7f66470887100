import { LabError } from './lab-error.ts';

/** A document taken apart: the YAML at its top, and the rest. */
export interface SplitDocument {
  /** The lines between the two `---`; empty if there is no front matter. */
  readonly yaml: string;
  /** Lines of the document before the first line of `yaml`. */
  readonly yamlOffset: number;
  /** The document with its front matter blanked, so that line numbers stay. */
  readonly body: string;
}

/**
 * Cuts the front matter off: YAML between a first line `---` and the next one.
 * @throws {@link LabError} if it is never closed
 */
export function splitFrontMatter(text: string, file: string): SplitDocument {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (lines[0]?.trimEnd() !== '---') return { yaml: '', yamlOffset: 0, body: lines.join('\n') };
  const end = lines.findIndex((l, i) => i > 0 && l.trimEnd() === '---');
  if (end < 0) {
    throw new LabError(
      file,
      1,
      'the front matter is never closed',
      'write a line "---" below its last key',
    );
  }
  const blank = new Array<string>(end + 1).fill('');
  return {
    yaml: lines.slice(1, end).join('\n'),
    yamlOffset: 1,
    body: [...blank, ...lines.slice(end + 1)].join('\n'),
  };
}
