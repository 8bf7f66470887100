/** `nft -i`: commands from the standard input, line by line. src/cli.c */
import { utf8Decode } from '@labwire/core/bytes';
import type { Process } from '../machine/index.ts';

const PROMPT = 'nft> ';
/** Where a line goes on that ended with a backslash. */
const MORE = '.... ';
const QUIT = 'quit';

/** Hands each line to `run` until the input ends or says `quit`; at a terminal it asks for each. */
export async function interactive(
  proc: Process,
  run: (line: string) => Promise<void>,
): Promise<void> {
  const ask = async (prompt: string): Promise<void> => {
    if (proc.isTty(0)) await proc.out(prompt);
  };
  let pending = '';
  let begun = '';
  await ask(PROMPT);
  for (;;) {
    const end = pending.indexOf('\n');
    if (end < 0) {
      const piece = await proc.read(0);
      if (piece.length === 0) break;
      pending += utf8Decode(piece);
      continue;
    }
    const line = pending.slice(0, end);
    pending = pending.slice(end + 1);
    if (begun === '' && line.trim() === QUIT) return;
    if (line.endsWith('\\')) {
      begun += line.slice(0, -1);
      await ask(MORE);
      continue;
    }
    await run(begun + line);
    begun = '';
    await ask(PROMPT);
  }
  if (pending.trim() !== '' && pending.trim() !== QUIT) await run(begun + pending);
}
