import type { Process, Program } from '../machine/index.ts';
import { Exit, program } from './exit.ts';
import { IfconfigChange } from './ifconfig-change.ts';
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

/** Takes the options in front of the name. @returns what is left, or the exit status of one that ends it */
async function takeOptions(
  proc: Process,
  words: string[],
  options: Options,
): Promise<number | undefined> {
  while (words[0]?.startsWith('-')) {
    const word = words.shift() as string;
    if (word === '-a') options.all = true;
    else if (word === '-s') options.short = true;
    else if (['-V', '-version', '--version'].includes(word)) {
      await proc.out(`${RELEASE}\n`);
      return 0;
    } else if (['-?', '-h', '-help', '--help'].includes(word)) return usage(proc, IFCONFIG_USAGE);
    else if (word !== '-v')
      throw new Exit(
        1,
        `ifconfig: option \`${word}' not recognised.\nifconfig: \`--help' gives usage information.\n`,
      );
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
