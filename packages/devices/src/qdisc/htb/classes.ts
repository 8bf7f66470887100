import { KernelError } from '@labwire/core/error';
import { FilterBlock } from '../cls/index.ts';
import {
  type ClassOps,
  type Qdisc,
  TC_H_ROOT,
  type TcClass,
  type TcOptions,
  tcMajor,
} from '../qdisc.ts';
import { HtbClass, MAX_DEPTH } from './class.ts';
import type { Htb } from './htb.ts';

const FIRST_BUCKETS = 4;

/** The classes of an HTB, in the order in which the kernel's hash table has them. */
export class HtbClasses implements ClassOps {
  readonly #htb: Htb;
  #buckets: HtbClass[][] = newBuckets(FIRST_BUCKETS);
  readonly #byId = new Map<number, HtbClass>();

  constructor(htb: Htb) {
    this.#htb = htb;
  }

  byId(classid: number): HtbClass | undefined {
    return this.#byId.get(classid);
  }

  list(): readonly TcClass[] {
    return this.#buckets.flat().map((c) => c.info);
  }

  find(classid: number): TcClass | undefined {
    return this.#byId.get(classid)?.info;
  }

  /** `htb_change_class()` */
  change(classid: number, parentId: number, options: TcOptions): string | undefined {
    const htb = this.#htb;
    const old = this.#byId.get(classid);
    if (
      options.rate === undefined ||
      (options.rate as { rate: number }).rate === 0 ||
      (options.ceil as { rate: number }).rate === 0
    )
      throw new KernelError('EINVAL');
    if (old !== undefined) return old.configure(options, htb.r2q, false);
    const parent = parentId === TC_H_ROOT ? null : (this.#byId.get(parentId) ?? null);
    if (tcMajor(classid) !== htb.handle || classid === htb.handle) throw new KernelError('EINVAL');
    if (parent?.parent != null && parent.parent.level < 2)
      throw new KernelError('EINVAL', 'sch_htb: tree is too deep');
    if (parent !== null && parent.level === 0) this.#becomeInner(parent);
    const block = new FilterBlock(htb.scheduler);
    const made = new HtbClass(classid, parent, htb.plainLeaf(), block, htb.scheduler.now);
    const warning = made.configure(options, htb.r2q, true);
    if (parent !== null) parent.children++;
    this.#insert(made);
    return warning;
  }

  /** A class with others below it holds no packets. `htb_parent_to_leaf()` backwards */
  #becomeInner(parent: HtbClass): void {
    parent.leaf?.reset();
    parent.leaf = null;
    parent.level = (parent.parent === null ? MAX_DEPTH : parent.parent.level) - 1;
  }

  #insert(made: HtbClass): void {
    this.#byId.set(made.classid, made);
    this.#bucketOf(made).unshift(made);
    if (this.#byId.size * 4 > this.#buckets.length * 3) this.#grow();
    this.#htb.classesChanged([...this.#byId.values()]);
  }

  /** `qdisc_class_hash()` */
  #bucketOf({ classid }: HtbClass): HtbClass[] {
    let id = classid ^ (classid >>> 8);
    id ^= id >>> 4;
    return this.#buckets[id & (this.#buckets.length - 1)] as HtbClass[];
  }

  /** `qdisc_class_hash_grow()` */
  #grow(): void {
    const all = this.#buckets.flat();
    this.#buckets = newBuckets(this.#buckets.length * 2);
    for (const c of all) this.#bucketOf(c).unshift(c);
  }

  /** `htb_delete()` */
  remove(classid: number): void {
    const htb = this.#htb;
    const cl = this.#byId.get(classid);
    if (cl === undefined) throw new KernelError('ENOENT');
    const blocks = [htb.filters, ...[...this.#byId.values()].map((c) => c.filters)];
    if (cl.children > 0 || blocks.some((b) => b.usersOf(classid) > 0))
      throw new KernelError('EBUSY', 'HTB class in use');
    cl.leaf?.reset();
    this.#byId.delete(classid);
    const bucket = this.#bucketOf(cl);
    bucket.splice(bucket.indexOf(cl), 1);
    const { parent } = cl;
    if (parent !== null && --parent.children === 0) {
      parent.level = 0;
      parent.leaf = htb.plainLeaf();
    }
    htb.classesChanged([...this.#byId.values()]);
  }

  /** `htb_graft()` */
  graft(classid: number, qdisc: Qdisc | null): Qdisc | null {
    const cl = this.#byId.get(classid) as HtbClass;
    if (cl.level > 0) throw new KernelError('EINVAL');
    const old = cl.leaf as Qdisc;
    cl.leaf = qdisc ?? this.#htb.plainLeaf();
    return old.handle === 0 ? null : old;
  }

  filters(classid: number): FilterBlock | undefined {
    if ((classid & 0xffff) === 0) return this.#htb.filters;
    return this.#byId.get(classid)?.filters;
  }
}

function newBuckets(count: number): HtbClass[][] {
  return Array.from({ length: count }, () => []);
}
