import { utf8Decode, utf8Encode } from '@labwire/core/bytes';
import type { Process, Program } from '../machine/index.ts';
import { closeInput, LineReader, openInput } from './input.ts';
import { eachFile, type Options, tool } from './tool.ts';

/** How cat changes what it copies, and where it is in its output. */
interface Copy {
  readonly number: 'all' | 'nonempty' | undefined;
  readonly ends: boolean;
  readonly tabs: boolean;
  readonly visible: boolean;
  readonly squeeze: boolean;
  line: number;
  blank: boolean;
}

/** cat(1). */
export const cat: Program = tool(
  {
    name: 'cat',
    letters: 'AbeEnstTuv',
    longs: {
      'show-all': 'A',
      'number-nonblank': 'b',
      'show-ends': 'E',
      number: 'n',
      'squeeze-blank': 's',
      'show-tabs': 'T',
      'show-nonprinting': 'v',
    },
  },
  (proc, options, operands) => {
    const copy = copyOf(options);
    const plain = !options.has('A', 'b', 'e', 'E', 'n', 's', 't', 'T', 'v');
    return eachFile(proc, 'cat', operands.length > 0 ? operands : ['-'], async (file) => {
      const fd = openInput(proc, file);
      await (plain ? copyBytes(proc, fd) : copyLines(proc, fd, copy));
      closeInput(proc, fd);
    });
  },
);

function copyOf(o: Options): Copy {
  return {
    number: o.has('b') ? 'nonempty' : o.has('n') ? 'all' : undefined,
    ends: o.has('E', 'e', 'A'),
    tabs: o.has('T', 't', 'A'),
    visible: o.has('v', 'e', 't', 'A'),
    squeeze: o.has('s'),
    line: 0,
    blank: false,
  };
}

async function copyBytes(proc: Process, fd: number): Promise<void> {
  for (;;) {
    const data = await proc.read(fd);
    if (data.length === 0) return;
    await proc.write(1, data);
  }
}

async function copyLines(proc: Process, fd: number, copy: Copy): Promise<void> {
  const reader = new LineReader(proc, fd);
  for (;;) {
    const line = await reader.next();
    if (line === undefined) return;
    const again = line === '' && copy.blank;
    copy.blank = line === '';
    if (again && copy.squeeze) continue;
    const end = reader.terminated ? (copy.ends ? '$\n' : '\n') : '';
    await proc.out(numbered(copy, line) + shown(copy, line) + end);
  }
}

function numbered(copy: Copy, line: string): string {
  if (copy.number === undefined || (copy.number === 'nonempty' && line === '')) return '';
  return `${String(++copy.line).padStart(6)}\t`;
}

function shown(copy: Copy, line: string): string {
  const text = copy.visible ? visible(line) : line;
  return copy.tabs ? text.replaceAll('\t', '^I') : text;
}

/** Control characters as `^X`, bytes above 127 as `M-x`. */
function visible(line: string): string {
  let out = '';
  for (const byte of utf8Encode(line)) {
    const low = byte & 0x7f;
    const meta = byte > 0x7f ? 'M-' : '';
    if (byte === 9) out += '\t';
    else if (low < 32) out += `${meta}^${String.fromCharCode(low + 64)}`;
    else if (low === 127) out += `${meta}^?`;
    else out += meta + utf8Decode(Uint8Array.of(low));
  }
  return out;
}
