import { readFileSync } from 'node:fs';
import { LabwireError } from '@labwire/core/error';
import { describeBug } from '@labwire/scenarios/lab';
import { type CAC, cac } from 'cac';
import { FIRST_LAB } from './built-in.ts';
import { consoleCommand } from './console/console-command.ts';
import { EXIT_BUG, EXIT_OK, EXIT_UNREADABLE, type Io } from './io.ts';
import { listCommand } from './list/list-command.ts';
import { type NatCheckRequest, natCheckCommand } from './nat-check/nat-check-command.ts';
import { type RunRequest, runCommand } from './run/run-command.ts';
import { type Keyboard, processKeyboard } from './shell/keyboard.ts';
import { shellCommand } from './shell/shell-command.ts';
import { type UpRequest, upCommand } from './up/up-command.ts';

/** What cac reads off the command line: a number where it looks like one. */
type Word = string | number | boolean | undefined;

/** Options of `run` as cac gives them. */
interface RunFlags {
  readonly json?: boolean;
  readonly seed?: Word;
  readonly pcap?: Word;
  readonly with?: Word;
}

/** Options of `nat-check`. */
interface NatCheckFlags {
  readonly law?: Word | Word[];
  readonly labs?: Word;
  readonly runs?: Word;
  readonly seed?: Word;
  readonly lan?: Word;
  readonly wan?: Word;
  readonly inside?: Word;
}

/** Options of `up`. */
interface UpFlags {
  readonly tap?: Word | Word[];
  readonly qemu?: boolean;
  readonly on?: Word;
  readonly seed?: Word;
  readonly with?: Word;
}

/**
 * Runs `labwire` with the words behind its name.
 * @returns the exit code
 */
export async function labwire(
  words: readonly string[],
  io: Io,
  keyboard: () => Keyboard = processKeyboard,
): Promise<number> {
  if (asksVersion(words)) {
    io.out(`labwire ${version()}\n`);
    return EXIT_OK;
  }
  const cli = makeCli(io, keyboard);
  try {
    cli.parse(['node', 'labwire', ...words], { run: false });
    if (cli.options.help === true) return EXIT_OK;
    if (words.length === 0) return await runCommand(plainRun([FIRST_LAB]), io);
    if (cli.matchedCommand === undefined) return noCommand(words, io);
    return Number(await cli.runMatchedCommand());
  } catch (e) {
    if (!(e instanceof LabwireError) && (e as Error).name !== 'CACError') {
      io.err(`labwire: ${describeBug(e)}\n`);
      return EXIT_BUG;
    }
    io.err(`labwire: ${wording((e as Error).message)}\n`);
    return EXIT_UNREADABLE;
  }
}

function makeCli(io: Io, keyboard: () => Keyboard): CAC {
  const cli = cac('labwire');
  cli
    .command('run [...files]', 'Run labs and hold every output against what the document shows')
    .usage('run FILE... [options]')
    .option('--json', 'Print one JSON object per command, and nothing else')
    .option('--seed <n>', "Seed of the run's randomness: MAC addresses, ports, jitter")
    .option('--pcap <dir>', 'Write what every device sees, a pcapng file for each machine')
    .option('--with <overlay>', 'Run a document as an overlay (YAML) describes it')
    .example('  labwire run network-namespace')
    .example('  labwire run DOC.md --with OVERLAY.yaml --pcap captures')
    .action((files: string[], flags: RunFlags) => runCommand(runRequest(files, flags), io));
  cli
    .command('shell [lab]', "Type at a lab's machines; without a lab, at one of a home network")
    .usage('shell [LAB] [options]')
    .option('--on <machine>', 'The machine to type at (default: the first)')
    .option('--seed <n>', "Seed of the run's randomness")
    .example('  labwire shell')
    .example('  labwire shell --on router')
    .example('  labwire shell LAB.md --on router')
    .action((lab: string | undefined, flags: { on?: Word; seed?: Word }) => {
      const on = textOf(flags.on);
      return shellCommand({ lab, on, seed: seedOf(flags.seed) }, io, keyboard());
    });
  cli
    .command('up <lab>', 'Keep a lab running in real time, with a prompt, until Ctrl-C')
    .usage('up LAB [options]')
    .option(
      '--tap <port>',
      'Open MACHINE:DEV[=WHERE] to the outside; WHERE is tap:NAME, unix:PATH, tcp:… or udp:…',
    )
    .option('--qemu', 'Start the qemu-system lines of the lab as the real program')
    .option('--on <machine>', 'The machine to type at (default: the first)')
    .option('--seed <n>', "Seed of the run's randomness")
    .option('--with <overlay>', 'Run a document as an overlay (YAML) describes it')
    .example('  labwire up LAB.md --tap host:tap0=unix:/tmp/vm.sock')
    .example('  labwire up LAB.md --qemu')
    .action((lab: string, flags: UpFlags) => upCommand(upRequest(lab, flags), io, keyboard()));
  cli
    .command('console [guest]', "Join this terminal to a real guest's console; Ctrl-] leaves it")
    .usage('console [GUEST]')
    .action((guest: string | undefined) => consoleCommand(textOf(guest), io));
  cli
    .command(
      'nat-check <rules>',
      'Try what the RFCs ask of a NAT on rules of yours (iptables-save)',
    )
    .usage('nat-check RULES [options]')
    .option(
      '--law <name>',
      'Only this requirement, as "RFC 4787 REQ-8" or a part of it; may be repeated',
    )
    .option('--labs <dir>', 'Write a lab for each requirement that is not met')
    .option('--runs <n>', 'Tries of each requirement (default: 10)')
    .option('--seed <n>', 'Seed of the tries')
    .option('--lan <device>', 'The device inside, where the rules do not tell')
    .option('--wan <device>', 'The device outside')
    .option('--inside <network>', 'The network inside, as 192.168.1.0/24')
    .example('  labwire nat-check rules.save')
    .example('  labwire nat-check rules.save --law "RFC 4787" --labs broken')
    .action((file: string, flags: NatCheckFlags) =>
      natCheckCommand(natCheckRequest(file, flags), io),
    );
  cli.command('list', 'List the labs that come with Labwire').action(() => listCommand(io));
  cli.usage('[command] [options]');
  cli.help((sections) => {
    sections[0] = { body: `labwire ${version()}: simulated Linux machines that you can type into` };
  });
  cli.option('-v, --version', 'Display the version');
  return cli;
}

function upRequest(lab: string, flags: UpFlags): UpRequest {
  const taps = flags.tap === undefined ? [] : [flags.tap].flat();
  return {
    lab,
    overlay: textOf(flags.with),
    on: textOf(flags.on),
    seed: seedOf(flags.seed),
    taps: taps.map(String),
    qemu: flags.qemu === true,
  };
}

function natCheckRequest(file: string, flags: NatCheckFlags): NatCheckRequest {
  const runs = flags.runs === undefined ? 10 : Number(flags.runs);
  if (!Number.isInteger(runs) || runs < 1 || runs > 10_000)
    throw new LabwireError(`--runs ${flags.runs}: no number of tries; write 1 to 10000`);
  const inside = textOf(flags.inside);
  if (inside !== undefined && !/^\d+(\.\d+){3}\/\d+$/.test(inside))
    throw new LabwireError(`--inside ${inside}: no network; write one as 192.168.1.0/24`);
  return {
    file,
    laws: flags.law === undefined ? [] : [flags.law].flat().map(String),
    labs: textOf(flags.labs),
    runs,
    seed: seedOf(flags.seed),
    lan: textOf(flags.lan),
    wan: textOf(flags.wan),
    inside,
  };
}

function runRequest(files: readonly string[], flags: RunFlags): RunRequest {
  if (files.length === 0)
    throw new LabwireError('run: no file; name one, or a built-in lab (see labwire list)');
  if (flags.with !== undefined && files.length > 1)
    throw new LabwireError('--with describes one document; run one at a time');
  return {
    labs: files,
    json: flags.json === true,
    seed: seedOf(flags.seed),
    pcap: textOf(flags.pcap),
    overlay: textOf(flags.with),
  };
}

function plainRun(labs: readonly string[]): RunRequest {
  return { labs, json: false, seed: undefined, pcap: undefined, overlay: undefined };
}

function textOf(word: Word): string | undefined {
  return word === undefined ? undefined : String(word);
}

function seedOf(word: Word): number | undefined {
  if (word === undefined) return undefined;
  const seed = Number(word);
  if (Number.isInteger(seed) && seed >= 0 && seed <= 0xffff_ffff) return seed;
  throw new LabwireError(`--seed ${word}: no seed; write a whole number from 0 to 4294967295`);
}

function asksVersion(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  const options = end < 0 ? words : words.slice(0, end);
  return options.includes('--version') || options.includes('-v');
}

function noCommand(words: readonly string[], io: Io): number {
  const word = words.find((w) => !w.startsWith('-'));
  const mend = word?.endsWith('.md') === true ? `write labwire run ${word}` : 'see labwire --help';
  const what = word === undefined ? `unknown option ${words[0]}` : `unknown command ${word}`;
  io.err(`labwire: ${what}; ${mend}\n`);
  return EXIT_UNREADABLE;
}

/** cac's messages in our form. */
function wording(message: string): string {
  const text = message.replaceAll('`', '"');
  return text.includes('; ')
    ? text
    : `${text.charAt(0).toLowerCase()}${text.slice(1)}; see labwire --help`;
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
