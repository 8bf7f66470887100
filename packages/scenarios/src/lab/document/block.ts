import { type BlockWords, mayBeScript, mayHoldPrompts, readBlockWords } from './block-words.ts';
import { type Fence, findFences } from './fence.ts';
import { readScript } from './script.ts';
import { readTranscript, type ShownCommand, transcriptStyle } from './transcript.ts';

/** A fenced block that may hold commands. */
export interface Block {
  readonly fence: Fence;
  readonly words: BlockWords;
  readonly kind: 'transcript' | 'script' | 'prose';
  /** Commands, and the comment lines between them; empty for prose. */
  readonly shown: readonly ShownCommand[];
}

/** Reads every fenced block of a Markdown text. @throws LabError */
export function readBlocks(body: string, file: string): Block[] {
  return findFences(body, file).map((fence) => readBlock(fence, file));
}

function readBlock(fence: Fence, file: string): Block {
  const prose: Block = { fence, words: {}, kind: 'prose', shown: [] };
  if (!mayHoldPrompts(fence.language)) return prose;
  const words = readBlockWords(fence, file);
  const isScript = mayBeScript(fence.language);
  const style = transcriptStyle(fence.body, isScript);
  if (style !== undefined) {
    return { fence, words, kind: 'transcript', shown: readTranscript(fence.body, style) };
  }
  const shown = isScript ? readScript(fence.body) : undefined;
  return shown === undefined ? { ...prose, words } : { fence, words, kind: 'script', shown };
}
