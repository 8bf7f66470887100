import { type Item, Opts } from '../command-line/index.ts';
import { QemuError } from '../qemu-error.ts';

/** The character device that a console is. */
const CONSOLE = 'labwire-console';

/** Where the console of a guest is to be. */
export interface ConsolePlan {
  /** Words in place of those that said it. */
  readonly words: readonly string[];
  /** Undefined: there is none, or it is a file or a device of this computer. */
  readonly console: { readonly id: string; readonly mux: boolean } | undefined;
  /** It is the standard input and output of QEMU. */
  readonly atStdio: boolean;
  /** The options about which the simulated machine is asked: its sockets, its monitor. */
  readonly simulated: readonly Item[];
}

/** Options that {@link planConsole} gives words for. */
export const CONSOLE_OPTIONS: ReadonlySet<string> = new Set([
  ...['serial', 'monitor', 'mon', 'chardev'],
]);

/** Places where a serial port may be without the simulation's having a part in it. */
const OUTSIDE = /^(none|null|vc(:.*)?|pty|file:.*|pipe:.*|\/dev\/.*)$/;

/**
 * The console is the first serial port. With -nographic it is the standard input and output, shared with the monitor, as long as
 * nothing else was asked for. QEMU softmmu/vl.c, qemu_create_default_devices()
 * @throws QemuError for what needs a terminal of QEMU's own
 */
export function planConsole(items: readonly Item[]): ConsolePlan {
  refuseCurses(items);
  const has = (name: string): boolean => items.some((i) => i.name === name);
  const stdio = stdioDevice(items);
  const serial = items.filter((i) => i.name === 'serial').map((i) => i.value);
  if (serial.length === 0 && !has('nodefaults'))
    serial.push(has('nographic') ? (has('monitor') ? 'stdio' : 'mon:stdio') : CONSOLE);
  const at = serial.findIndex((s) => !OUTSIDE.test(s));
  const port = serial[at];
  const onStdio = (value: string | undefined): boolean =>
    stdio !== undefined && value?.replace(/^chardev[:=]/, '') === stdio;
  const monitorThere = items.some((i) => i.name === 'mon' && onStdio(i.value));
  const atStdio = port === 'stdio' || port === 'mon:stdio' || onStdio(port);
  const mux = atStdio && (port === 'mon:stdio' || monitorThere);
  const words = serial.flatMap((s, i) => ['-serial', i === at ? `chardev:${CONSOLE}` : s]);
  return {
    words: [...words, ...(mux ? ['-mon', `chardev=${CONSOLE}`] : []), '-monitor', 'none'],
    console: at < 0 ? undefined : { id: CONSOLE, mux },
    atStdio,
    simulated: items.filter((item) => !(atStdio && isOfStdio(item, stdio))),
  };
}

/** The id of a `-chardev stdio`. */
function stdioDevice(items: readonly Item[]): string | undefined {
  for (const { name, where, value } of items) {
    if (name !== 'chardev') continue;
    const opts = new Opts(where, value, 'backend');
    if (opts.get('backend') === 'stdio') return opts.get('id');
  }
  return undefined;
}

/** Whether an option makes a character device of the standard input, or uses it. */
function isOfStdio({ name, value }: Item, id: string | undefined): boolean {
  if (name === 'serial') return /^(mon:)?stdio$/.test(value) || value === `chardev:${id}`;
  if (id === undefined || (name !== 'chardev' && name !== 'mon')) return false;
  const opts = new Opts(value, value, name === 'mon' ? 'chardev' : 'backend');
  return opts.get(name === 'mon' ? 'chardev' : 'id') === id;
}

function refuseCurses(items: readonly Item[]): void {
  const item = items.find(
    (i) => i.name === 'curses' || (i.name === 'display' && i.value.startsWith('curses')),
  );
  if (item !== undefined)
    throw new QemuError(item.where, 'a real guest has no terminal to draw on: use -nographic');
}
