/** One mapping between the priority of a packet and that of a tag. `struct ifla_vlan_qos_mapping` */
export interface QosMapping {
  readonly from: number;
  readonly to: number;
}

/** Priorities of a tag. */
const PRIORITIES = 8;
/** A hash of the priorities of packets, which also gives the order in which they are listed. */
const BUCKETS = 16;

/** How a VLAN device translates priorities both ways. Linux net/8021q/vlan_dev.c. */
export class VlanQos {
  /** Priorities of packets by those of tags. */
  #ingress: number[] | null = null;
  /** Priorities of tags by those of packets; the newest first. */
  #egress: QosMapping[] = [];

  /** The priority of a packet whose tag has `pcp`. `vlan_get_ingress_priority()` */
  ingress(pcp: number): number {
    return this.#ingress === null ? 0 : (this.#ingress[pcp] as number);
  }

  /** The bits of a tag for a packet's priority. `vlan_dev_get_egress_qos_mask()` */
  egress(priority: number): number {
    for (let i = 0; i < this.#egress.length; i++) {
      const mapping = this.#egress[i] as QosMapping;
      if (mapping.from === priority) return (mapping.to & 7) << 13;
    }
    return 0;
  }

  /** `vlan_dev_set_ingress_priority()` */
  setIngress({ from, to }: QosMapping): void {
    this.#ingress ??= new Array<number>(PRIORITIES).fill(0);
    this.#ingress[from & (PRIORITIES - 1)] = to;
  }

  /** `vlan_dev_set_egress_priority()` */
  setEgress({ from, to }: QosMapping): void {
    const at = this.#egress.findIndex((m) => m.from === from);
    if (at >= 0) this.#egress[at] = { from, to };
    else if (to !== 0) this.#egress.unshift({ from, to });
  }

  /** What arrives with a priority, by that of the tag. */
  get ingressMap(): readonly QosMapping[] {
    return this.ingressTable.map((to, from) => ({ from, to })).filter(({ to }) => to !== 0);
  }

  /** For each priority of a tag that of the packet. */
  get ingressTable(): readonly number[] {
    return this.#ingress ?? new Array<number>(PRIORITIES).fill(0);
  }

  /** What leaves with a priority, bucket by bucket; those that were set to 0 again are kept. */
  get egressMap(): readonly QosMapping[] {
    const bucket = (m: QosMapping) => m.from % BUCKETS;
    return [...this.#egress].sort((a, b) => bucket(a) - bucket(b));
  }
}
