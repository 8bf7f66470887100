import type { Shell } from '../shell.ts';

/**
 * Tilde expansion at the start of a word, and in an assignment after each colon.
 * @param text as written, to tell `~` from `\~`
 * @param value with backslashes taken away
 */
export function expandTilde(
  sh: Shell,
  text: string,
  value: string,
  assignment: boolean,
  afterOthers = false,
): string {
  if (!text.includes('~')) return value;
  if (!assignment) return text.startsWith('~') ? home(sh, value) : value;
  return value
    .split(':')
    .map((piece, i) => (i === 0 && afterOthers ? piece : home(sh, piece)))
    .join(':');
}

function home(sh: Shell, text: string): string {
  const m = /^~([^/]*)(.*)$/s.exec(text);
  if (m === null) return text;
  const [, user = '', rest = ''] = m;
  const dir = directory(sh, user);
  return dir === undefined ? text : dir + rest;
}

function directory(sh: Shell, user: string): string | undefined {
  if (user === '') return sh.vars.get('HOME') ?? sh.proc.machine.user(sh.proc.uid).home;
  if (user === '+') return sh.vars.get('PWD');
  if (user === '-') return sh.vars.get('OLDPWD');
  for (const line of sh.proc.fs.readText('/etc/passwd').split('\n')) {
    const fields = line.split(':');
    if (fields[0] === user) return fields[5];
  }
  return undefined;
}
