import { civilTime, two } from '../http/index.ts';
import type { Packet } from './print/index.ts';

/** How times are shown: `-t` none, `-tt` since the epoch, `-ttt` since the packet before, `-tttt` with the date, `-ttttt` since the first. */
export type TimeStyle = 0 | 1 | 2 | 3 | 4 | 5;

/** Shows the times of packets one after the other. tcpdump util-print.c, ts_print() */
export class TimePrinter {
  readonly #style: TimeStyle;
  readonly #places: number;
  #reference: { readonly sec: number; readonly nsec: number } | undefined;

  constructor(style: TimeStyle, nanoseconds: boolean) {
    this.#style = style;
    this.#places = nanoseconds ? 9 : 6;
  }

  #fraction(nsec: number): string {
    return String(this.#places === 9 ? nsec : Math.floor(nsec / 1000)).padStart(this.#places, '0');
  }

  /** The text before a packet, with the blank behind it. */
  text(p: Packet): string {
    const { sec, nsec } = p;
    switch (this.#style) {
      case 1:
        return '';
      case 2:
        return `${sec}.${this.#fraction(nsec)} `;
      case 3:
      case 5:
        return this.#delta(p);
      case 4: {
        const t = civilTime(sec);
        return `${t.year}-${two(t.month)}-${two(t.day)} ${this.#clock(sec)}.${this.#fraction(nsec)} `;
      }
      default:
        return `${this.#clock(sec)}.${this.#fraction(nsec)} `;
    }
  }

  #clock(sec: number): string {
    const t = civilTime(sec);
    return `${two(t.hour)}:${two(t.minute)}:${two(t.second)}`;
  }

  #delta(p: Packet): string {
    const from = this.#reference ?? p;
    if (this.#reference === undefined || this.#style === 3) this.#reference = p;
    const total = (p.sec - from.sec) * 1e9 + (p.nsec - from.nsec);
    const size = Math.abs(total);
    const sec = Math.floor(size / 1e9);
    return `${total < 0 ? '-' : ' '}${this.#clock(sec)}.${this.#fraction(size % 1e9)} `;
  }
}
