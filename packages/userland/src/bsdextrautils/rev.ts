import { closeInput, eachFile, LineReader, openInput, tool } from '../coreutils/index.ts';
import type { Program } from '../machine/index.ts';

/** rev(1): every line backwards. */
export const rev: Program = tool({ name: 'rev', letters: '' }, (proc, _, operands) =>
  eachFile(proc, 'rev', operands.length > 0 ? operands : ['-'], async (file) => {
    const fd = openInput(proc, file);
    const reader = new LineReader(proc, fd);
    for (let line = await reader.next(); line !== undefined; line = await reader.next())
      await proc.out(`${[...line].reverse().join('')}${reader.terminated ? '\n' : ''}`);
    closeInput(proc, fd);
  }),
);
