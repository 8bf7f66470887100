import { findUser, type User } from '../base/index.ts';
import { become, type Options, ToolError, tool } from '../coreutils/index.ts';
import { findProgram, type Process, type Program } from '../machine/index.ts';

const USAGE = `usage: sudo -h | -K | -k | -V
usage: sudo -v [-ABkNnS] [-g group] [-h host] [-p prompt] [-u user]
usage: sudo -l [-ABkNnS] [-g group] [-h host] [-p prompt] [-U user] [-u user]
            [command [arg ...]]
usage: sudo [-ABbEHkNnPS] [-r role] [-t type] [-C num] [-D directory] [-g
            group] [-h host] [-p prompt] [-R directory] [-T timeout] [-u user]
            [VAR=value] [-i | -s] [command [arg ...]]
usage: sudo -e [-ABkNnS] [-r role] [-t type] [-C num] [-D directory] [-g group]
            [-h host] [-p prompt] [-R directory] [-T timeout] [-u user] file ...
`;

/** sudoers' secure_path on Debian. */
const SECURE_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** sudo(8). @deviation everybody may, and nobody is asked for a password */
export const sudo: Program = tool(
  {
    name: 'sudo',
    letters: '+u:g:iEsHnkbSAPVvlp:D:h',
    longs: {
      'user=': 'u',
      'group=': 'g',
      login: 'i',
      'preserve-env?': 'E',
      shell: 's',
      'set-home': 'H',
      'non-interactive': 'n',
      stdin: 'S',
      version: 'V',
      'chdir=': 'D',
    },
    usage: USAGE,
  },
  async (proc, options, operands) => {
    if (options.has('V')) {
      await proc.out('Sudo version 1.9.13p3\n');
      return 0;
    }
    if (options.has('v', 'k')) return 0;
    const user = findUser(proc.fs, (options.value('u') ?? 'root').replace(/^#/, ''));
    if (user === undefined)
      throw new ToolError(
        `unknown user ${options.value('u')}\nsudo: error initializing audit plugin sudoers_audit`,
      );
    const { assignments, words } = split(operands);
    const argv = commandOf(options, user, words);
    if (argv === undefined) {
      await proc.err(USAGE);
      return 1;
    }
    changeEnvironment(proc, options, user, argv, assignments);
    if (findProgram(proc, argv[0] as string) === undefined)
      throw new ToolError(`${argv[0]}: command not found`);
    proc.uid = user.uid;
    proc.gid = user.gid;
    if (options.has('i')) proc.cwd = proc.fs.exists(user.home) ? user.home : '/';
    return become(proc, 'sudo', argv);
  },
);

function split(operands: readonly string[]): {
  assignments: readonly string[];
  words: readonly string[];
} {
  let at = 0;
  while (/^[A-Za-z_]\w*=/.test(operands[at] ?? '')) at++;
  return { assignments: operands.slice(0, at), words: operands.slice(at) };
}

function commandOf(
  options: Options,
  user: User,
  words: readonly string[],
): readonly string[] | undefined {
  if (!options.has('i', 's')) return words.length > 0 ? words : undefined;
  const shell = user.shell === '' ? '/bin/sh' : user.shell;
  return words.length > 0 ? [shell, '-c', words.join(' ')] : [shell];
}

function changeEnvironment(
  proc: Process,
  options: Options,
  user: User,
  argv: readonly string[],
  assignments: readonly string[],
): void {
  const { env } = proc;
  const before = new Map(env);
  if (!options.has('E')) {
    const kept = [
      'TERM',
      'LANG',
      'LC_ALL',
      'LANGUAGE',
      'DISPLAY',
      'XAUTHORITY',
      'HOME',
      'COLORTERM',
    ];
    for (const name of [...env.keys()]) if (!kept.includes(name)) env.delete(name);
  }
  const invoker = proc.machine.user(proc.uid);
  const set: Readonly<Record<string, string>> = {
    HOME: user.home,
    LOGNAME: user.name,
    USER: user.name,
    SHELL: user.shell,
    PATH: SECURE_PATH,
    SUDO_COMMAND: argv.join(' '),
    SUDO_USER: before.get('USER') ?? invoker.name,
    SUDO_UID: String(proc.uid),
    SUDO_GID: String(proc.gid),
  };
  for (const [name, value] of Object.entries(set)) env.set(name, value);
  for (const text of assignments)
    env.set(text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1));
}
