import { utf8Decode } from '@labwire/core/bytes';
import { type GetoptTable, getopt } from '../../libc-net/index.ts';
import type { Process } from '../../machine/index.ts';
import { FieldReader, MessageWriter } from '../wire/index.ts';
import { type PrintOptions, printRows, type Rows } from './aligned.ts';
import { ConnectError, Connection, type ErrorFields, errorFields } from './connection.ts';
import {
  type ConnInfo,
  ConnInfoError,
  complete,
  defaults,
  isConnString,
  parseConnString,
} from './conninfo.ts';

const VERSION = 'psql (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n';
const PATH = '/usr/lib/postgresql/15/bin/psql';

const LONGS = [
  { name: 'command', arg: 'required', key: 'c' },
  { name: 'dbname', arg: 'required', key: 'd' },
  { name: 'file', arg: 'required', key: 'f' },
  { name: 'host', arg: 'required', key: 'h' },
  { name: 'port', arg: 'required', key: 'p' },
  { name: 'username', arg: 'required', key: 'U' },
  { name: 'no-password', arg: 'no', key: 'w' },
  { name: 'password', arg: 'no', key: 'W' },
  { name: 'no-align', arg: 'no', key: 'A' },
  { name: 'tuples-only', arg: 'no', key: 't' },
  { name: 'expanded', arg: 'no', key: 'x' },
  { name: 'quiet', arg: 'no', key: 'q' },
  { name: 'no-psqlrc', arg: 'no', key: 'X' },
  { name: 'field-separator', arg: 'required', key: 'F' },
  { name: 'version', arg: 'no', key: 'V' },
] as const;

/** What its command line may hold. */
export const PSQL_OPTIONS: GetoptTable = { letters: 'c:d:f:h:p:U:wWAtxqXF:V', longs: LONGS };

/** What the command line says. */
interface PsqlOptions {
  readonly info: ConnInfo;
  readonly commands: readonly string[];
  readonly file: string | undefined;
  readonly print: PrintOptions;
  readonly quiet: boolean;
  readonly askPassword: 'never' | 'always' | 'needed';
}

/** psql(1): commands of -c and -f, or of the standard input. @deviation no interactive prompt */
export async function psql(proc: Process): Promise<number> {
  const args = proc.argv.slice(1);
  const { options, operands, error } = getopt(args, PSQL_OPTIONS.letters, PSQL_OPTIONS.longs);
  if (error !== undefined) {
    await proc.err(`${PATH}: ${error}\npsql: hint: Try "psql --help" for more information.\n`);
    return 1;
  }
  if (options.some((o) => o.opt === 'V')) {
    await proc.out(VERSION);
    return 0;
  }
  try {
    return await new Psql(proc, readOptions(proc, options, operands)).run();
  } catch (e) {
    if (!(e instanceof ConnectError || e instanceof ConnInfoError)) throw e;
    await proc.err(`psql: error: ${e.message}\n`);
    return 2;
  }
}

function readOptions(
  proc: Process,
  options: readonly { readonly opt: string; readonly arg: string | undefined }[],
  operands: readonly string[],
): PsqlOptions {
  const of = (opt: string) => [...options].reverse().find((o) => o.opt === opt)?.arg;
  const has = (opt: string) => options.some((o) => o.opt === opt);
  const parts: Partial<ConnInfo> = defaults(proc);
  const set = (key: keyof ConnInfo, value: string | undefined) => {
    if (value !== undefined) Object.assign(parts, { [key]: value });
  };
  const [first, second] = operands;
  const database = of('d') ?? first;
  if (database !== undefined && isConnString(database))
    Object.assign(parts, parseConnString(database));
  else set('database', database);
  set('user', of('d') === undefined ? second : first);
  set('host', of('h'));
  set('port', of('p'));
  set('user', of('U'));
  return {
    info: complete(parts),
    commands: options.flatMap((o) => (o.opt === 'c' && o.arg !== undefined ? [o.arg] : [])),
    file: of('f'),
    print: {
      aligned: !has('A'),
      tuplesOnly: has('t'),
      separator: of('F') ?? '|',
      expanded: has('x'),
    },
    quiet: has('q'),
    askPassword: has('w') ? 'never' : has('W') ? 'always' : 'needed',
  };
}

/** One run of psql. */
class Psql {
  readonly #proc: Process;
  readonly #o: PsqlOptions;
  #connection: Connection | undefined;

  constructor(proc: Process, options: PsqlOptions) {
    this.#proc = proc;
    this.#o = options;
  }

  async run(): Promise<number> {
    const connection = await this.#connect();
    this.#connection = connection;
    const { commands, file } = this.#o;
    let ok = true;
    if (commands.length > 0) for (const command of commands) ok = (await this.#do(command)) && ok;
    else ok = await this.#script(file);
    await connection.close();
    return ok || commands.length === 0 ? 0 : 1;
  }

  /** Asks for a password where one is needed and somebody can type it. @throws ConnectError */
  async #connect(): Promise<Connection> {
    const { info, askPassword } = this.#o;
    const ask = () => this.#askPassword(info);
    if (askPassword === 'always') await ask();
    try {
      return await Connection.open(this.#proc, info);
    } catch (e) {
      const helps = e instanceof ConnectError && e.needsPassword && askPassword === 'needed';
      if (!helps || !this.#proc.isTty(0)) throw e;
      await ask();
      return Connection.open(this.#proc, info);
    }
  }

  async #askPassword(info: ConnInfo): Promise<void> {
    await this.#proc.err(`Password for user ${info.user}: `);
    const line = utf8Decode(await this.#proc.read(0));
    await this.#proc.err('\n');
    info.password = line.replace(/\n.*/s, '');
  }

  /** The commands of a file, or of the standard input: each ends at a semicolon or is a line with a backslash. */
  async #script(file: string | undefined): Promise<boolean> {
    const text =
      file === undefined ? await this.#input() : this.#proc.fs.readText(this.#proc.path(file));
    let ok = true;
    let pending = '';
    for (const line of text.split('\n')) {
      if (pending.trim() === '' && line.trimStart().startsWith('\\')) {
        if (/^\\q(uit)?\b/.test(line.trim())) return ok;
        ok = (await this.#do(line.trim())) && ok;
        continue;
      }
      pending += `${line}\n`;
      for (let end = endOf(pending); end >= 0; end = endOf(pending)) {
        ok = (await this.#do(pending.slice(0, end).trim())) && ok;
        pending = pending.slice(end + 1);
      }
    }
    if (pending.trim() !== '') ok = (await this.#do(pending.trim())) && ok;
    return ok;
  }

  async #input(): Promise<string> {
    const chunks: Uint8Array[] = [];
    for (;;) {
      const data = await this.#proc.read(0);
      if (data.length === 0) break;
      chunks.push(data);
    }
    return chunks.map((c) => utf8Decode(c)).join('');
  }

  async #do(command: string): Promise<boolean> {
    return command.startsWith('\\') ? this.#meta(command) : this.#query(command);
  }

  async #meta(command: string): Promise<boolean> {
    const [name = '', ...words] = command.slice(1).split(/\s+/);
    const { info } = this.#o;
    switch (name) {
      case 'conninfo':
        await this.#proc.out(
          `You are connected to database "${info.database}" as user "${info.user}" ${this.#connection?.where}.\n`,
        );
        return true;
      case 'echo':
        await this.#proc.out(`${words.join(' ')}\n`);
        return true;
      case 'q':
        return true;
      default:
        await this.#proc.err(
          `error: \\${name} is not supported by Labwire; \\conninfo, \\echo and \\q are\n`,
        );
        return false;
    }
  }

  async #query(sql: string): Promise<boolean> {
    const connection = this.#connection as Connection;
    await connection.send(new MessageWriter().text(sql).build('Q'));
    let rows: { columns: Rows['columns']; rows: (string | null)[][] } | undefined;
    let ok = true;
    for (;;) {
      const message = await connection.receive();
      if (message === undefined) return this.#gone();
      if (message.type === 'Z') return ok;
      if (message.type === 'T') rows = { columns: readColumns(message.body), rows: [] };
      if (message.type === 'D') rows?.rows.push(readRow(message.body));
      if (message.type === 'C') {
        await this.#print(rows, new FieldReader(message.body).text());
        rows = undefined;
      }
      if (message.type === 'E') {
        ok = false;
        await this.#proc.err(errorText(errorFields(message.body), sql));
      }
    }
  }

  async #print(rows: Rows | undefined, tag: string): Promise<void> {
    if (rows !== undefined) await this.#proc.out(printRows(rows, this.#o.print));
    else if (!this.#o.quiet) await this.#proc.out(`${tag}\n`);
  }

  async #gone(): Promise<boolean> {
    await this.#proc.err(
      'server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally\n\tbefore or while processing the request.\n',
    );
    return this.#proc.exit(2);
  }
}

/** Where the first statement ends: a semicolon outside of quotes; -1 for nowhere. */
function endOf(text: string): number {
  let quote = '';
  for (const [i, c] of [...text].entries()) {
    if (quote !== '') quote = c === quote ? '' : quote;
    else if (c === "'" || c === '"') quote = c;
    else if (c === ';') return i;
  }
  return -1;
}

function readColumns(body: Uint8Array): Rows['columns'] {
  const fields = new FieldReader(body);
  return Array.from({ length: fields.int16() }, () => {
    const name = fields.text();
    fields.bytes(6);
    const type = fields.int32();
    fields.bytes(8);
    return { name, type };
  });
}

function readRow(body: Uint8Array): (string | null)[] {
  const fields = new FieldReader(body);
  return Array.from({ length: fields.int16() }, () => {
    const length = fields.int32();
    return length < 0 ? null : utf8Decode(fields.bytes(length));
  });
}

/** An error with the line that it is in. src/interfaces/libpq/fe-protocol3.c, pqBuildErrorMessage3() */
function errorText(fields: ErrorFields, sql: string): string {
  const head = `${fields.get('S')}:  ${fields.get('M')}\n`;
  const position = fields.get('P');
  const hint = fields.has('H') ? `HINT:  ${fields.get('H')}\n` : '';
  if (position === undefined) return `${head}${hint}`;
  const at = Number(position) - 1;
  const before = sql.slice(0, at).split('\n');
  const line = sql.split('\n')[before.length - 1] ?? '';
  const label = `LINE ${before.length}: `;
  const column = (before.at(-1) as string).length;
  return `${head}${label}${line}\n${' '.repeat(label.length + column)}^\n${hint}`;
}
