import { KernelError } from '@labwire/core/error';
import { findUser, readGroups } from '../base/index.ts';
import type { Process, Program } from '../machine/index.ts';
import { quote, ToolError, tool, UsageError } from './tool.ts';

/** The user and group of `USER:GROUP`, `USER`, `USER:` or `:GROUP`. */
function owner(proc: Process, spec: string): { uid?: number; gid?: number } {
  const [user = '', group] = spec.split(/[:.]/, 2);
  const found = user === '' ? undefined : findUser(proc.fs, user);
  if (user !== '' && found === undefined && !/^\d+$/.test(user))
    throw new ToolError(`invalid user: ${quote(spec)}`);
  const uid = user === '' ? undefined : (found?.uid ?? Number(user));
  if (group === undefined) return uid === undefined ? {} : { uid };
  const gid = group === '' ? found?.gid : groupId(proc, group);
  return { ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) };
}

function groupId(proc: Process, group: string): number {
  const found = readGroups(proc.fs).find((g) => g.name === group);
  if (found === undefined && !/^\d+$/.test(group))
    throw new ToolError(`invalid group: ${quote(group)}`);
  return found?.gid ?? Number(group);
}

function changer(
  name: string,
  parse: (proc: Process, spec: string) => { uid?: number; gid?: number },
): Program {
  return tool(
    { name, letters: 'Rvcfh', longs: { recursive: 'R' } },
    async (proc, options, operands) => {
      const [spec, ...files] = operands;
      if (spec === undefined) throw new UsageError('missing operand');
      if (files.length === 0) throw new UsageError(`missing operand after ${quote(spec)}`);
      const to = parse(proc, spec);
      let status = 0;
      const change = (path: string): void => {
        const stat = proc.fs.stat(path);
        proc.fs.chown(path, to.uid ?? stat.uid, to.gid ?? stat.gid);
        if (!options.has('R') || stat.type !== 'dir') return;
        for (const child of proc.fs.readdir(path)) change(`${path}/${child}`);
      };
      for (const file of files) {
        try {
          change(proc.path(file));
        } catch (e) {
          if (!(e instanceof KernelError)) throw e;
          const what =
            e.errno === 'ENOENT'
              ? 'cannot access'
              : name === 'chown'
                ? 'changing ownership of'
                : 'changing group of';
          await proc.err(`${name}: ${what} ${quote(file)}: ${e.message}\n`);
          status = 1;
        }
      }
      return status;
    },
  );
}

/** chown(1). */
export const chown: Program = changer('chown', owner);

/** chgrp(1). */
export const chgrp: Program = changer('chgrp', (proc, spec) => ({ gid: groupId(proc, spec) }));
