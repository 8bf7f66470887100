import { type Program, withManual } from '../machine/index.ts';
import { echoText, escapedBytes } from './escapes.ts';
import { formatPrintf } from './printf-format.ts';
import { evaluateTest, TestError } from './test-expression.ts';

/** echo(1). */
export const echo: Program = async (proc) => {
  await proc.write(1, escapedBytes(echoText(proc.argv.slice(1))));
  return 0;
};

/** printf(1). */
export const printf: Program = async (proc) => {
  const [format, ...args] = proc.argv.slice(proc.argv[1] === '--' ? 2 : 1);
  if (format === undefined) {
    await proc.err("printf: missing operand\nTry 'printf --help' for more information.\n");
    return 1;
  }
  const { text, errors } = formatPrintf(format, args);
  await proc.write(1, escapedBytes(text));
  for (const error of errors) await proc.err(`printf: ${error}\n`);
  return errors.length > 0 ? 1 : 0;
};

/** test(1) and [(1). */
export const test: Program = async (proc) => {
  const name = proc.argv[0] as string;
  const isBracket = name.endsWith('[');
  const args = proc.argv.slice(1, isBracket ? -1 : undefined);
  try {
    if (isBracket && proc.argv.at(-1) !== ']') throw new TestError("missing ']'");
    return evaluateTest(proc, args);
  } catch (e) {
    if (!(e instanceof TestError)) throw e;
    await proc.err(`${name}: ${e.message}\n`);
    return 2;
  }
};

/** true(1); it looks at no word. */
export const true_: Program = withManual(
  async () => 0,
  () => [],
);

/** false(1); it looks at no word. */
export const false_: Program = withManual(
  async () => 1,
  () => [],
);

/** yes(1). */
export const yes: Program = async (proc) => {
  const line = `${proc.argv.slice(1).join(' ') || 'y'}\n`;
  const block = line.repeat(Math.max(1, Math.floor(4096 / line.length)));
  for (;;) {
    await proc.out(block);
    await proc.sleep(1000);
  }
};
