import { SIGINT, SIGNALS, signalNumber } from '../../machine/index.ts';
import type { Builtin, Shell } from '../shell.ts';

const PSEUDO = ['EXIT', 'ERR', 'DEBUG', 'RETURN'];

/** The key of a trap: a signal's number as text, or the name of an event. */
function trapKey(spec: string): string | undefined {
  const name = spec.toUpperCase().replace(/^SIG/, '');
  if (name === '0' || name === 'EXIT') return 'EXIT';
  if (PSEUDO.includes(name)) return name;
  const number = signalNumber(spec);
  return number === undefined ? undefined : String(number);
}

function trapName(key: string): string {
  if (PSEUDO.includes(key)) return key;
  const name = Object.entries(SIGNALS).find(([, n]) => n === Number(key))?.[0];
  return `SIG${name ?? key}`;
}

const trap: Builtin = async (sh, args) => {
  const words = args[0] === '--' ? args.slice(1) : args;
  if (words.length === 0 || words[0] === '-p') return printTraps(sh);
  if (words[0] === '-l') return sh.interpreter.builtins.get('kill')?.(sh, ['-l']) ?? 0;
  const resets = words.length === 1 || words[0] === '-';
  const specs = words[0] === '-' || words.length > 1 ? words.slice(1) : words;
  let status = 0;
  for (const spec of specs) {
    const key = trapKey(spec);
    if (key !== undefined) setTrap(sh, key, resets ? undefined : (words[0] as string));
    else {
      await sh.complain(`trap: ${spec}: invalid signal specification`);
      status = 1;
    }
  }
  return status;
};

async function printTraps(sh: Shell): Promise<number> {
  for (const [key, text] of sh.traps)
    await sh.proc.out(`trap -- '${text.replaceAll("'", "'\\''")}' ${trapName(key)}\n`);
  return 0;
}

function setTrap(sh: Shell, key: string, text: string | undefined): void {
  if (text === undefined) sh.traps.delete(key);
  else sh.traps.set(key, text);
  if (PSEUDO.includes(key)) return;
  const signal = Number(key);
  if (text === undefined) {
    sh.proc.handlers.delete(signal);
    if (signal === SIGINT && sh.catchesInterrupts) sh.catchInterrupts();
  } else sh.proc.handlers.set(signal, text === '' ? 'ignore' : () => sh.trapArrived(signal));
}

/** The builtin for what signals do. */
export const trapBuiltins: Readonly<Record<string, Builtin>> = { trap };
