/** Interpret as command. RFC 854 */
const IAC = 255;
const SB = 250;
const SE = 240;
/** WILL, WONT, DO, DONT: an option follows. */
const isNegotiation = (byte: number): boolean => byte >= 251 && byte <= 254;

/** What QEMU begins with: it echoes, suppresses go-ahead, and sends and takes binary. chardev/char-socket.c, tcp_chr_telnet_init() */
export const TELNET_GREETING: Uint8Array = Uint8Array.of(
  ...[IAC, 251, 1],
  ...[IAC, 251, 3],
  ...[IAC, 251, 0],
  ...[IAC, 253, 0],
);

/** Takes the protocol out of what comes in. tcp_chr_process_IAC_bytes() */
export class TelnetFilter {
  #state: 'data' | 'iac' | 'option' | 'sub' = 'data';

  take(data: Uint8Array): Uint8Array {
    return data.filter((byte) => this.#keeps(byte));
  }

  #keeps(byte: number): boolean {
    switch (this.#state) {
      case 'data':
        if (byte !== IAC) return byte !== 0;
        this.#state = 'iac';
        return false;
      case 'iac':
        this.#state = byte === SB ? 'sub' : isNegotiation(byte) ? 'option' : 'data';
        return byte === IAC;
      case 'option':
        this.#state = 'data';
        return false;
      case 'sub':
        if (byte === SE) this.#state = 'data';
        return false;
    }
  }
}
