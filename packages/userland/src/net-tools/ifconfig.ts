import type { Manual, Process, Program } from '../machine/index.ts';
import { Exit, program } from './exit.ts';
import { IFCONFIG_WORD_ROWS, IfconfigChange } from './ifconfig-change.ts';
import { allInterfaces, interfaceByName, NAME_LENGTH } from './interface.ts';
import { longText, shortText } from './interface-text.ts';
import { IFCONFIG_USAGE, RELEASE, usage } from './usage.ts';

const SHORT_HEADER =
  'Iface      MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n';
const IFF_UP = 0x1;

interface Options {
  all: boolean;
  short: boolean;
}

type Act = (options: Options, proc: Process) => Promise<number> | undefined;

/** What stands before the name. */
const OPTIONS: readonly (readonly [names: readonly string[], act: Act])[] = [
  [['-a'], (options) => void (options.all = true)],
  [['-s'], (options) => void (options.short = true)],
  [['-v'], () => undefined],
  [['-V', '-version', '--version'], (_, proc) => proc.out(`${RELEASE}\n`).then(() => 0)],
  [['-?', '-h', '-help', '--help'], (_, proc) => usage(proc, IFCONFIG_USAGE)],
];

/** What ifconfig can be told. */
export const ifconfigManual = (): Manual => [
  { title: 'Options', rows: OPTIONS.map(([names]) => ({ names })) },
  { title: 'Behind the name', rows: IFCONFIG_WORD_ROWS },
];

/** Takes the options in front of the name. @returns what is left, or the exit status of one that ends it */
async function takeOptions(
  proc: Process,
  words: string[],
  options: Options,
): Promise<number | undefined> {
  while (words[0]?.startsWith('-')) {
    const word = words.shift() as string;
    const act = OPTIONS.find(([names]) => names.includes(word))?.[1];
    if (act === undefined)
      throw new Exit(
        1,
        `ifconfig: option \`${word}' not recognised.\nifconfig: \`--help' gives usage information.\n`,
      );
    const ended = await act(options, proc);
    if (ended !== undefined) return ended;
  }
  return undefined;
}

async function show(proc: Process, name: string | undefined, options: Options): Promise<number> {
  if (options.short) await proc.out(SHORT_HEADER);
  const text = options.short ? shortText : longText.bind(undefined, proc.netns);
  if (name === undefined) {
    const shown = allInterfaces(proc.netns).filter(
      (i) => options.all || (i.link.flags & IFF_UP) !== 0,
    );
    await proc.out(shown.map(text).join(''));
    return 0;
  }
  const found = interfaceByName(proc.netns, name);
  if (found === undefined)
    throw new Exit(1, `${name}: error fetching interface information: Device not found\n`);
  await proc.out(text(found));
  return 0;
}

/** ifconfig(8). net-tools 2.10 ifconfig.c */
export const ifconfig: Program = program(async (proc) => {
  const words = proc.argv.slice(1);
  const options: Options = { all: false, short: false };
  const ended = await takeOptions(proc, words, options);
  if (ended !== undefined) return ended;
  const word = words.shift();
  if (word === undefined) return show(proc, undefined, options);
  const name = word.slice(0, NAME_LENGTH);
  if (words.length === 0) return show(proc, name, options);
  return new IfconfigChange(proc, name, words).run();
});
