export { type Block, readBlocks } from './block.ts';
export type { BlockWords } from './block-words.ts';
export type { Fence, Line } from './fence.ts';
export { type SplitDocument, splitFrontMatter } from './front-matter.ts';
export { LabError } from './lab-error.ts';
export { readPrompt } from './prompt.ts';
export { logicalLines } from './script.ts';
export { isUnfinished } from './shell-text.ts';
export type { ShownCommand } from './transcript.ts';
