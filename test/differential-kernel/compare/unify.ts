import { fromHex } from '../model/bytes.ts';
import { type Case, type Frames, rulesText } from '../model/case.ts';
import { dissect, type Field, namesIn } from './dissect.ts';

const M32 = 0x1_0000_0000;

/**
 * Tells whether frames of two runs are the same up to what a kernel draws at random: identifications and initial
 * sequence numbers of its own packets, and ports that translation chose. Each stands for one other, throughout a case,
 * and nothing that a case names may be renamed.
 */
export class Unifier {
  readonly #ports = new Bijection();
  readonly #ids = new Bijection();
  readonly #knownPorts: Set<number>;
  readonly #knownIds = new Set<number>([0]);
  readonly #seqOffsets = new Set<number>([0]);

  /** Ports that rules may draw. */
  readonly #drawn: readonly (readonly [min: number, max: number])[];

  /** The router has a socket of TCP, whose clock begins at random. */
  readonly #answersTcp: boolean;

  constructor(test: Case) {
    this.#answersTcp = test.sockets.some((s) => s.protocol === 'tcp');
    this.#knownPorts = new Set([0, ...test.sockets.map((s) => s.port)]);
    // ends of ranges may be drawn like what is between them
    const rules = rulesText(test.tables);
    const text = rules.replace(/\d+-\d+/g, ' ');
    this.#drawn = [...rules.matchAll(/(?::|--to-ports )(\d+)-(\d+)/g)].map((m) => [
      Number(m[1]),
      Number(m[2]),
    ]);
    for (const n of text.match(/\d+/g) ?? []) this.#knownPorts.add(Number(n));
    for (const step of test.steps) {
      if (step.kind !== 'frame') continue;
      const { ports, ids } = namesIn(fromHex(step.frame));
      for (const p of ports) this.#knownPorts.add(p);
      for (const id of ids) this.#knownIds.add(id);
    }
  }

  /** @returns what differs; undefined for nothing */
  frames(linux: Frames, labwire: Frames): string | undefined {
    if (linux.length !== labwire.length)
      return `${linux.length} frames, Labwire sends ${labwire.length}`;
    for (const [i, [dev, hex]] of linux.entries()) {
      const [ourDev, ours] = labwire[i] as readonly [number, string];
      if (dev !== ourDev) return `leaves by eth${dev}, Labwire sends it by eth${ourDev}`;
      if (hex === ours) this.#learn(dissect(fromHex(hex)));
      else {
        const why = this.#fields(dissect(fromHex(hex)), dissect(fromHex(ours)));
        if (why !== undefined) return why;
      }
    }
    return undefined;
  }

  #learn(fields: readonly Field[]): void {
    for (const { kind, value } of fields) {
      if (kind === 'port') this.#ports.bind(value as number, value as number);
      if (kind === 'ipid') this.#ids.bind(value as number, value as number);
    }
  }

  #fields(a: readonly Field[], b: readonly Field[]): string | undefined {
    const opens = a.some((f) => f.name === 'flags' && ((f.value as number) & 2) !== 0);
    for (const [i, field] of a.entries()) {
      const other = b[i];
      if (other === undefined || other.name !== field.name)
        return `${field.name}, Labwire has ${other?.name ?? 'nothing'}`;
      if (!this.#same(field, other, opens))
        return `${field.name} is ${field.value}, in Labwire ${other.value}`;
    }
    return a.length === b.length ? undefined : `Labwire has ${b[a.length]?.name}`;
  }

  #same(a: Field, b: Field, opens: boolean): boolean {
    switch (a.kind) {
      case 'exact':
        return a.value === b.value;
      case 'tsval':
        return a.value === b.value || this.#answersTcp;
      case 'sums':
        return sharesOne(a.value, b.value);
      case 'clock':
        return true;
      case 'port':
        return this.port(a.value as number, b.value as number);
      case 'ipid':
        return this.#rename(this.#ids, this.#knownIds, a.value as number, b.value as number);
      case 'seq': {
        const offset = ((a.value as number) - (b.value as number) + M32) % M32;
        if (opens) this.#seqOffsets.add(offset);
        return this.#seqOffsets.has(offset);
      }
    }
  }

  /** Whether a port of the one run may stand for one of the other. */
  port(a: number, b: number): boolean {
    if (portClass(a) !== portClass(b)) return false;
    // a small range may hold ports that the case names, too
    const fits = (p: number) => this.#drawn.some(([min, max]) => p >= min && p <= max);
    if (a !== b && fits(a) && fits(b)) return true;
    return this.#rename(this.#ports, this.#knownPorts, a, b);
  }

  #rename(map: Bijection, known: ReadonlySet<number>, a: number, b: number): boolean {
    if (a !== b && (known.has(a) || known.has(b))) return false;
    return map.bind(a, b);
  }
}

/** Whether two lists of as many are equal in one place. */
function sharesOne(a: number | string, b: number | string): boolean {
  const [ours, theirs] = [`${a}`.split(','), `${b}`.split(',')];
  return ours.length === theirs.length && ours.some((sum, i) => sum === theirs[i]);
}

/** Port classes that translation keeps. Linux nf_nat_l4proto_unique_tuple() */
function portClass(port: number): number {
  if (port < 512) return 0;
  return port < 1024 ? 1 : 2;
}

class Bijection {
  readonly #to = new Map<number, number>();
  readonly #from = new Map<number, number>();

  /** Takes two as each other's; false if one of them is another's. */
  bind(a: number, b: number): boolean {
    const [to, from] = [this.#to.get(a), this.#from.get(b)];
    if (to === undefined && from === undefined) {
      this.#to.set(a, b);
      this.#from.set(b, a);
      return true;
    }
    return to === b && from === a;
  }
}
