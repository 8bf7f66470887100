import { findUser } from '../base/index.ts';
import { become, formatDate, ToolError, tool } from '../coreutils/index.ts';
import type { Program } from '../machine/index.ts';

/** su(1). @deviation nobody is asked for a password, and only root may */
export const su: Program = tool(
  {
    name: 'su',
    letters: '+c:s:lmpPfg:',
    longs: { 'command=': 'c', 'shell=': 's', login: 'l', 'preserve-environment': 'p' },
  },
  async (proc, options, operands) => {
    const words = operands.filter((o) => o !== '-');
    const login = options.has('l') || words.length < operands.length;
    const [name = 'root', ...rest] = words;
    const user = findUser(proc.fs, name);
    if (user === undefined || user.name !== name)
      throw new ToolError(
        `user ${name} does not exist or the user entry does not contain all the required fields`,
      );
    if (proc.uid !== 0 && proc.uid !== user.uid) {
      await proc.err('su: Authentication failure\n');
      return 1;
    }
    const more = parseRest(rest);
    const command = options.value('c') ?? more.command;
    const shell = options.value('s') ?? more.shell ?? user.shell;
    if (shell.endsWith('nologin')) {
      await proc.out('This account is currently not available.\n');
      return 1;
    }
    if (login) proc.cwd = proc.fs.exists(user.home) ? user.home : '/';
    if (!options.has('m', 'p')) {
      proc.env.set('HOME', user.home);
      proc.env.set('SHELL', shell);
      if (user.uid !== 0) for (const key of ['USER', 'LOGNAME']) proc.env.set(key, user.name);
    }
    if (login)
      proc.env.set(
        'PATH',
        user.uid === 0
          ? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
          : '/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games',
      );
    proc.uid = user.uid;
    proc.gid = user.gid;
    const arg0 = `${login ? '-' : ''}${shell.replace(/^.*\//, '')}`;
    const shellArgs = command === undefined ? [] : ['-c', command, ...more.args];
    return become(proc, 'su', [arg0, ...shellArgs], shell);
  },
);

/** Options may come after the user's name too. */
function parseRest(rest: readonly string[]): {
  command?: string;
  shell?: string;
  args: readonly string[];
} {
  const out: { command?: string; shell?: string; args: readonly string[] } = { args: [] };
  for (let i = 0; i < rest.length; i++) {
    if (rest[i] === '-c' && rest[i + 1] !== undefined) out.command = rest[++i] as string;
    else if (rest[i] === '-s' && rest[i + 1] !== undefined) out.shell = rest[++i] as string;
    else return { ...out, args: rest.slice(i) };
  }
  return out;
}

/** dmesg(1): what the kernel has logged. */
export const dmesg: Program = tool(
  {
    name: 'dmesg',
    letters: 'TtwxkcCHn:l:',
    longs: { ctime: 'T', notime: 't', follow: 'w', clear: 'C' },
  },
  async (proc, options) => {
    const log = proc.machine.kernel.messages;
    if (options.has('C')) {
      log.clear();
      return 0;
    }
    for (const entry of log.entries()) {
      const seconds = entry.at / 1e9;
      const boot = proc.machine.wallClock - proc.now / 1e9;
      const stamp = options.has('t')
        ? ''
        : options.has('T')
          ? `[${formatDate('%c', boot + seconds)}] `
          : `[${seconds.toFixed(6).padStart(12)}] `;
      await proc.out(`${stamp}${entry.text}\n`);
    }
    return 0;
  },
);
