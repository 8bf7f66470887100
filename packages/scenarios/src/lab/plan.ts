import type {
  BlockEntry,
  ConfigSource,
  LabConfig,
  MachineConfig,
  RawOverlay,
} from './config/index.ts';
import { allMachines, problem } from './config/index.ts';
import { type Block, LabError, logicalLines, type ShownCommand } from './document/index.ts';
import { guestNames } from './guest-names.ts';
import type { Step } from './lab.ts';
import { type OutputRemarks, outputRemarks, readOutput, unfoundRemark } from './shown-output.ts';

/** An overlay with the places of its keys. */
type Overlay = ConfigSource & { readonly raw: RawOverlay };

/** An overlay's entry, and whether it has found its block. */
interface Entry {
  readonly entry: BlockEntry;
  readonly index: number;
  used: boolean;
}

/**
 * Turns a document's blocks into the commands to type, in order.
 * @throws LabError if a block or the overlay names a machine that is none, or an entry matches nothing
 */
export function planSteps(
  file: string,
  blocks: readonly Block[],
  config: LabConfig,
  overlay: Overlay | undefined,
): Step[] {
  const plan = new Plan(file, config, overlay, guestNames(blocks, config, overlay?.raw));
  for (const block of blocks) plan.addBlock(block);
  plan.checkEntries();
  return plan.steps;
}

class Plan {
  readonly steps: Step[] = [];
  readonly #file: string;
  readonly #config: LabConfig;
  readonly #overlay: Overlay | undefined;
  readonly #entries: readonly Entry[];
  /** Machines that may be there once the lab runs. */
  readonly #guests: ReadonlySet<string>;

  constructor(
    file: string,
    config: LabConfig,
    overlay: Overlay | undefined,
    guests: ReadonlySet<string>,
  ) {
    this.#guests = guests;
    this.#file = file;
    this.#config = config;
    this.#overlay = overlay;
    this.#entries = (overlay?.raw.blocks ?? []).map((entry, index) => ({
      entry,
      index,
      used: false,
    }));
  }

  addBlock(block: Block): void {
    const entries = this.#entries.filter((e) => matches(e.entry, block));
    for (const e of entries) this.#use(e, block);
    const remarks = outputRemarks(entries.map((e) => e.entry));
    const words = { ...block.words, ...overlayWords(entries) };
    if (words.skip === true) return;
    const command = entries.find((e) => e.entry.command !== undefined)?.entry.command;
    const shown = command === undefined ? block.shown : fillIn(command, block);
    let machine = this.#machineOf(words.on, block, entries);
    for (const s of shown) {
      if (s.comment === true) machine = this.#switched(s.command, entries) ?? machine;
      else this.#addCommand(s, this.#named(s.machine, machine), words, remarks);
    }
  }

  #use(used: Entry, block: Block): void {
    used.used = true;
    const { entry, index } = used;
    const [key, at] = unfoundRemark(entry, block.fence.body) ?? [];
    if (key === undefined || at === undefined) return;
    throw problem(
      (this.#overlay as Overlay).source,
      ['blocks', index, key, at],
      `no line of the block holds "${entry[key]?.[at]}"`,
      'write it as the document has it',
    );
  }

  checkEntries(): void {
    const unused = this.#entries.find((e) => !e.used);
    if (unused === undefined || this.#overlay === undefined) return;
    const { entry, index } = unused;
    const [key, value] =
      Object.entries(entry).find(([k]) => k === 'contains' || k === 'line' || k === 'after') ?? [];
    throw problem(
      this.#overlay.source,
      ['blocks', index, key ?? 'contains'],
      key === 'after'
        ? `no command of ${this.#file} holds "${value}"`
        : key === 'line'
          ? `no block of ${this.#file} begins at line ${value}`
          : `no block of ${this.#file} holds "${value}"`,
      'mend the entry, or take it out',
    );
  }

  #addCommand(
    shown: ShownCommand,
    machine: string,
    words: { readonly terminal?: string; readonly mayFail?: boolean },
    remarks: OutputRemarks,
  ): void {
    const { line, command } = shown;
    const terminal = words.terminal ?? '1';
    const mayFail = words.mayFail ?? false;
    const output = readOutput(shown.expected ?? [], remarks);
    const expected = output.length === 0 ? undefined : output;
    this.steps.push({ line, machine, terminal, command, expected, mayFail });
    for (const e of this.#entries) {
      if (e.used || e.entry.after === undefined || !command.includes(e.entry.after)) continue;
      e.used = true;
      const { on = machine, run = [] } = e.entry;
      if (!this.#isMachine(on)) throw this.#noMachine(on, ['blocks', e.index, 'on']);
      const at = { line, machine: on, terminal: e.entry.terminal ?? terminal };
      for (const extra of run)
        this.steps.push({ ...at, command: extra, expected: undefined, mayFail });
    }
  }

  #isMachine(name: string): boolean {
    return this.#machines().some((m) => m.name === name) || this.#guests.has(name);
  }

  /** The machine of a prompt's name, which may be a hostname; else the block's. */
  #named(name: string | undefined, current: string): string {
    if (name === undefined || this.#isMachine(name)) return name ?? current;
    const hosts = this.#machines()
      .filter((m) => m.hostname === name)
      .map((m) => m.name);
    return hosts.includes(current) ? current : (hosts[0] ?? current);
  }

  #machineOf(on: string | undefined, block: Block, entries: readonly Entry[]): string {
    if (on === undefined) return this.#config.machines[0]?.name ?? 'host';
    if (this.#isMachine(on)) return on;
    const entry = entries.find((e) => e.entry.on === on);
    if (entry !== undefined) throw this.#noMachine(on, ['blocks', entry.index, 'on']);
    const what = `on=${on}: no machine has this name`;
    throw new LabError(this.#file, block.fence.line, what, this.#mendMachine());
  }

  #switched(comment: string, entries: readonly Entry[]): string | undefined {
    for (const { entry, index } of entries) {
      const texts = Object.keys(entry.switch ?? {}).sort((a, b) => b.length - a.length);
      const text = texts.find((t) => comment.includes(t));
      const machine = entry.switch?.[text ?? ''];
      if (text === undefined || machine === undefined) continue;
      if (!this.#isMachine(machine))
        throw this.#noMachine(machine, ['blocks', index, 'switch', text]);
      return machine;
    }
    return undefined;
  }

  #noMachine(name: string, path: readonly PropertyKey[]): LabError {
    const source = (this.#overlay as Overlay).source;
    return problem(source, path, `no machine is named "${name}"`, this.#mendMachine());
  }

  #mendMachine(): string {
    return `write one of ${this.#machines()
      .map((m) => m.name)
      .join(', ')}`;
  }

  #machines(): readonly MachineConfig[] {
    return allMachines(this.#config);
  }
}

function matches(entry: BlockEntry, block: Block): boolean {
  if (entry.line !== undefined) return entry.line === block.fence.line;
  const { contains } = entry;
  return contains !== undefined && block.fence.body.some((l) => l.text.includes(contains));
}

/** What entries say in the words that a block could have had itself. */
function overlayWords(entries: readonly Entry[]): {
  on?: string;
  terminal?: string;
  skip?: boolean;
  mayFail?: boolean;
} {
  const words: { on?: string; terminal?: string; skip?: boolean; mayFail?: boolean } = {};
  for (const { entry } of entries) {
    if (entry.on !== undefined) words.on = entry.on;
    if (entry.terminal !== undefined) words.terminal = entry.terminal;
    if (entry.skip !== undefined) words.skip = entry.skip;
    if (entry['may-fail'] !== undefined) words.mayFail = entry['may-fail'];
  }
  return words;
}

/** An overlay's command with each of the block's lines in place of `{}`. */
function fillIn(command: string, block: Block): ShownCommand[] {
  return logicalLines(block.fence.body).map((s) =>
    s.comment === true ? s : { ...s, command: command.replaceAll('{}', () => s.command) },
  );
}
