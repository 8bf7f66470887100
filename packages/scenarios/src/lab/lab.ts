import { atHome } from '../world/home/index.ts';
import {
  type ConfigSource,
  checkSchema,
  frontMatterSchema,
  type LabConfig,
  makeConfig,
  overlaySchema,
  parseYaml,
  type RawOverlay,
} from './config/index.ts';
import { LabError, type Line, readBlocks, splitFrontMatter } from './document/index.ts';
import { planSteps } from './plan.ts';

/** One command of a lab: where it is typed, and what the document says of it. */
export interface Step {
  /** 1-based line of the document. */
  readonly line: number;
  readonly machine: string;
  readonly terminal: string;
  readonly command: string;
  /** What the document shows below it; undefined where nothing is compared. */
  readonly expected: readonly Line[] | undefined;
  /** Its exit code is not held against it. */
  readonly mayFail: boolean;
}

/** A document ready to run. */
export interface Lab {
  readonly file: string;
  readonly config: LabConfig;
  readonly steps: readonly Step[];
}

/** A text and the name of its file. */
export interface LabText {
  readonly file: string;
  readonly text: string;
}

/** Characters that a document or overlay may have: far above any that a person wrote. */
export const MAX_LAB_LENGTH = 4_000_000;

/**
 * Reads a lab, and what an overlay says of it.
 * @throws {@link LabError} with file, line and mend, if it can't be read
 */
export function loadLab(document: LabText, overlay?: LabText): Lab {
  checkText(document);
  const split = splitFrontMatter(document.text, document.file);
  const source = parseYaml(split.yaml, document.file, split.yamlOffset);
  const raw = checkSchema(frontMatterSchema, source, source.data);
  const over = overlay === undefined ? undefined : readOverlay(overlay);
  const described = makeConfig({ raw, source }, over);
  const config = described.world === 'home' ? atHome(described) : described;
  const blocks = readBlocks(split.body, document.file);
  return { file: document.file, config, steps: planSteps(document.file, blocks, config, over) };
}

function readOverlay(overlay: LabText): ConfigSource & { readonly raw: RawOverlay } {
  checkText(overlay);
  const source = parseYaml(overlay.text, overlay.file, 0);
  return { raw: checkSchema(overlaySchema, source, source.data), source };
}

function checkText({ file, text }: LabText): void {
  if (text.length > MAX_LAB_LENGTH) {
    const size = `${(text.length / 1e6).toFixed(1)} million characters`;
    throw new LabError(
      file,
      undefined,
      `${size} are too long for a lab`,
      'name a Markdown document',
    );
  }
  const nul = text.indexOf('\0');
  if (nul >= 0) {
    const line = text.slice(0, nul).split('\n').length;
    throw new LabError(file, line, 'a binary file is no lab', 'name a Markdown document in UTF-8');
  }
}
