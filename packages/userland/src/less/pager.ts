import { closeInput, eachFile, openInput, tool } from '../coreutils/index.ts';
import { findProgram, type Program } from '../machine/index.ts';

/** less(1) and more(1): nothing is paged, the text goes by. */
export const pager: Program = tool(
  { name: 'less', letters: 'RSFXNiMeEr' },
  async (proc, _options, operands) => {
    if (operands.length === 0 && proc.isTty(0)) {
      await proc.err('Missing filename ("less --help" for help)\n');
      return 1;
    }
    return eachFile(proc, 'less', operands.length > 0 ? operands : ['-'], async (file) => {
      const fd = openInput(proc, file);
      for (let data = await proc.read(fd); data.length > 0; data = await proc.read(fd))
        await proc.write(1, data);
      closeInput(proc, fd);
    });
  },
);

/** man(1): there are no pages here, and it says so as man does. */
export const man: Program = tool(
  { name: 'man', letters: 'kfKPal' },
  async (proc, _options, operands) => {
    const names = operands.filter((o) => !/^\d$/.test(o));
    if (names.length === 0) {
      await proc.err("What manual page do you want?\nFor example, try 'man man'.\n");
      return 1;
    }
    for (const name of names) await proc.err(`No manual entry for ${name}\n`);
    return 16;
  },
);

/** which(1). */
export const which: Program = tool(
  { name: 'which', letters: 'as' },
  async (proc, _options, operands) => {
    let status = 0;
    for (const name of operands) {
      const path = findProgram(proc, name);
      if (path !== undefined && proc.fs.exists(path) && proc.fs.access(path, 1))
        await proc.out(`${path}\n`);
      else status = 1;
    }
    return status;
  },
);

/** clear(1). */
export const clear: Program = tool({ name: 'clear', letters: 'VTx' }, async (proc) => {
  if (proc.env.get('TERM') !== 'dumb') await proc.out('\x1b[H\x1b[2J\x1b[3J');
  return 0;
});

/** reset(1). */
export const reset: Program = tool({ name: 'reset', letters: 'qs' }, async (proc) => {
  if (proc.env.get('TERM') !== 'dumb') await proc.out('\x1bc');
  return 0;
});
