import { type GetoptTable, getopt, type LongOption } from '../../libc-net/index.ts';
import { LIBVIRT_VERSION } from '../base/index.ts';
import { CATALOG } from './catalog.ts';
import { helpOfGroup } from './help.ts';

/** What virsh's own options ask for. */
export interface VirshOptions {
  readonly quiet: boolean;
  readonly readOnly: boolean;
  readonly timing: boolean;
  readonly uri: string | undefined;
  /** What leaves a console: `^]`, or a character. */
  readonly escape: string;
  /** Complaints that end nothing. */
  readonly warnings: readonly string[];
  /** The command with its words. */
  readonly words: readonly string[];
}

/** What is printed in place of doing anything. */
export interface Answer {
  readonly out?: string;
  readonly error?: string;
}

const LONGS: readonly LongOption[] = [
  { name: 'connect', arg: 'required', key: 'c' },
  { name: 'debug', arg: 'required', key: 'd' },
  { name: 'escape', arg: 'required', key: 'e' },
  { name: 'help', arg: 'no', key: 'h' },
  { name: 'keepalive-interval', arg: 'required', key: 'k' },
  { name: 'keepalive-count', arg: 'required', key: 'K' },
  { name: 'log', arg: 'required', key: 'l' },
  { name: 'quiet', arg: 'no', key: 'q' },
  { name: 'readonly', arg: 'no', key: 'r' },
  { name: 'timing', arg: 'no', key: 't' },
  { name: 'version', arg: 'optional', key: 'v' },
];
const LONG_NAMES: ReadonlyMap<string, string> = new Map(LONGS.map((l) => [l.key, l.name]));

const LONG_VERSION = `Virsh command line tool of libvirt ${LIBVIRT_VERSION}
See web site at https://libvirt.org/

Compiled with support for:
 Hypervisors: QEMU/KVM LXC LibXL OpenVZ VMware VirtualBox ESX Test
 Networking: Remote Network Bridging Interface udev Nwfilter
 Storage: Dir Disk Filesystem SCSI Multipath iSCSI iSCSI-direct LVM RBD Gluster ZFS
 Miscellaneous: Daemon Nodedev AppArmor SELinux Secrets Debug DTrace Readline
`;

/** What stands before the command. */
export const VIRSH_OPTIONS: GetoptTable = {
  letters: '+:d:hqtc:vVrk:K:l:e:',
  longs: LONGS,
  usage: usage(),
  refused: ['l'],
};

/** Reads virsh's command line. libvirt tools/virsh.c, virshParseArgv() */
export function parseVirshOptions(args: readonly string[]): VirshOptions | Answer {
  const { options, operands, error } = getopt(args, VIRSH_OPTIONS.letters, VIRSH_OPTIONS.longs);
  const warnings: string[] = [];
  for (const { opt, arg } of options) {
    const answer = answerTo(opt, arg, warnings);
    if (answer !== undefined) return answer;
  }
  if (error !== undefined) return { error: badOption(args, error, options.length) };
  const has = (letter: string) => options.some(({ opt }) => opt === letter);
  const uri = options.filter(({ opt }) => opt === 'c').at(-1)?.arg;
  const flags = { quiet: has('q'), readOnly: has('r'), timing: has('t') };
  const escapeKey = options.filter(({ opt }) => opt === 'e').at(-1)?.arg ?? '^]';
  return { ...flags, uri, escape: escapeKey, warnings, words: operands };
}

function answerTo(opt: string, arg: string | undefined, warnings: string[]): Answer | undefined {
  switch (opt) {
    case 'h':
      return { out: usage() };
    case 'V':
      return { out: LONG_VERSION };
    case 'v':
      return version(arg);
    case 'd':
      return debugLevel(arg, warnings);
    case 'k':
    case 'K':
      return /^-?\d+$/.test(arg ?? '') ? undefined : { error: `Invalid value for option -${opt}` };
    case 'l':
      return { error: 'Labwire has no log file of virsh (-l)' };
    case 'e':
      return escapeCharacter(arg);
    default:
      return undefined;
  }
}

/** Any type that is not long is short. */
function version(type: string | undefined): Answer {
  return { out: type === 'long' ? LONG_VERSION : `${LIBVIRT_VERSION}\n` };
}

function debugLevel(arg: string | undefined, warnings: string[]): Answer | undefined {
  if (arg === undefined || !/^\d+$/.test(arg))
    return { error: 'option -d takes a numeric argument' };
  const level = Number(arg);
  if (level > 4) warnings.push(`ignoring debug level ${level} out of range [0-4]`);
  else if (level < 4) return { error: 'Labwire prints no debugging messages (-d 0 to 3)' };
  return undefined;
}

function escapeCharacter(arg: string | undefined): Answer | undefined {
  const text = arg ?? '';
  if (text.length === 1 || (text.length === 2 && text.startsWith('^'))) return undefined;
  return { error: `Invalid string '${text}' for escape sequence` };
}

/** virsh words what getopt finds itself. */
function badOption(args: readonly string[], error: string, parsed: number): string {
  const letter = /requires an argument -- '(.)'/.exec(error)?.[1];
  if (letter !== undefined)
    return `option '-${letter}'/'--${LONG_NAMES.get(letter)}' requires an argument`;
  const long = /option '--([\w-]+)' requires an argument/.exec(error)?.[1];
  const key = LONGS.find((l) => l.name === long)?.key;
  if (key !== undefined) return `option '-${key}'/'--${long}' requires an argument`;
  const wrong = /'(--[^']*)'/.exec(error)?.[1] ?? `-${/'(.)'/.exec(error)?.[1] ?? ''}`;
  return `unsupported option '${args.find((a) => a === wrong) ?? args[parsed] ?? wrong}'. See --help.`;
}

function usage(): string {
  const groups = CATALOG.map((g) => `${helpOfGroup(g, '')}\n`).join('');
  return `
virsh [options]... [<command_string>]
virsh [options]... <command> [args...]

  options:
    -c | --connect=URI      hypervisor connection URI
    -d | --debug=NUM        debug level [0-4]
    -e | --escape <char>    set escape sequence for console
    -h | --help             this help
    -k | --keepalive-interval=NUM
                            keepalive interval in seconds, 0 for disable
    -K | --keepalive-count=NUM
                            number of possible missed keepalive messages
    -l | --log=FILE         output logging to file
    -q | --quiet            quiet mode
    -r | --readonly         connect readonly
    -t | --timing           print timing information
    -v                      short version
    -V                      long version
         --version[=TYPE]   version, TYPE is short or long (default short)
  commands (non interactive mode):

${groups}
  (specify help <group> for details about the commands in the group)

  (specify help <command> for details about the command)

`;
}
