import { KernelError, strerror } from '@labwire/core/error';
import { escapeXml } from '../xml/index.ts';
import type { CommandDef } from './command.ts';
import { findGroup, helpOfAll, helpOfCommand, helpOfGroup } from './help.ts';
import { splitList } from './split-list.ts';

const help: CommandDef = {
  name: 'help',
  unconnected: true,
  description:
    'Prints global help, command specific help, or help for a\n    group of related commands',
  options: [
    {
      name: 'command',
      type: 'string',
      help: 'Prints global help, command specific help, or help for a group of related commands',
    },
  ],
  async run(vsh, cmd) {
    const word = cmd.value('command');
    if (word === undefined) {
      await vsh.print(helpOfAll());
      return true;
    }
    const def = vsh.commands.find(word);
    const group = findGroup(word);
    if (def !== undefined) await vsh.print(helpOfCommand(def));
    else if (group !== undefined) await vsh.print(helpOfGroup(group));
    else await vsh.error(`command or command group '${word}' doesn't exist`);
    return def !== undefined || group !== undefined;
  },
};

const echo: CommandDef = {
  name: 'echo',
  unconnected: true,
  description: 'Echo back arguments, possibly with quoting. Used for internal testing.',
  options: [
    { name: 'shell', type: 'bool', help: 'escape for shell use' },
    { name: 'xml', type: 'bool', help: 'escape for XML use' },
    { name: 'split', type: 'bool', help: "split each argument on ','; ',,' is an escape sequence" },
    { name: 'err', type: 'bool', help: 'output to stderr' },
    { name: 'string', type: 'argv', help: 'arguments to echo', mayBeEmpty: true },
  ],
  async run(vsh, cmd) {
    const words = cmd.words('string').map((w) => {
      const split = cmd.has('split') ? splitList(w).join('\n') : w;
      const xml = cmd.has('xml') ? escapeXml(split) : split;
      return cmd.has('shell') ? shellQuote(xml) : xml;
    });
    const text = words.join(' ');
    if (cmd.has('err')) await vsh.error(text);
    else await vsh.print(text);
    return true;
  },
};

/** A word as the shell reads it back. virBufferEscapeShell() */
function shellQuote(word: string): string {
  if (/^[A-Za-z0-9_./:+,@%-]+$/.test(word)) return word;
  return `'${word.replace(/'/g, "'\\''")}'`;
}

const pwd: CommandDef = {
  name: 'pwd',
  unconnected: true,
  description: 'Print the current directory.',
  async run(vsh) {
    await vsh.print(`${vsh.proc.cwd}\n`);
    return true;
  },
};

const cd: CommandDef = {
  name: 'cd',
  unconnected: true,
  description: 'Change the current directory.',
  options: [
    {
      name: 'dir',
      type: 'string',
      help: 'directory to switch to (default: home or else root)',
    },
  ],
  async run(vsh, cmd) {
    const { proc } = vsh;
    if (!vsh.settings.interactive) {
      await vsh.error('cd: command valid only in interactive mode');
      return false;
    }
    const dir = cmd.value('dir') ?? proc.env.get('HOME') ?? '/';
    try {
      const path = proc.fs.realpath(proc.path(dir));
      if (proc.fs.stat(path).type !== 'dir') throw new KernelError('ENOTDIR');
      proc.cwd = path;
      return true;
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      await vsh.error(`cd: ${strerror(e.errno)}: ${dir}`);
      return false;
    }
  },
};

const connect: CommandDef = {
  name: 'connect',
  unconnected: true,
  description: 'Connect to local hypervisor. This is built-in command after shell start up.',
  options: [
    { name: 'name', type: 'string', help: 'hypervisor connection URI', mayBeEmpty: true },
    { name: 'readonly', type: 'bool', help: 'read-only connection' },
  ],
  async run(vsh, cmd) {
    const open = async () => vsh.reconnect(cmd.value('name') ?? '', cmd.has('readonly'));
    await vsh.explain('failed to connect to the hypervisor', open());
    return true;
  },
};

const quit: CommandDef = { name: 'quit', unconnected: true, run: async () => true };
const exit: CommandDef = { name: 'exit', unconnected: true, run: async () => true };

/** Commands of virsh itself. libvirt tools/vsh.c and virsh.c */
export const selfCommands: readonly CommandDef[] = [cd, echo, exit, help, pwd, quit, connect];
