/** Who is told of what a {@link Wire} brings. */
export interface WireSink {
  /**
   * A frame has come: `len` bytes of `buf` from `off`, which are the sink's during the call only.
   * @param gsoSize bytes of text of each segment of a TCP super-segment; 0, or left out, for an ordinary frame
   * @param checked its transport check is known to be right
   */
  onFrame(buf: Uint8Array, off: number, len: number, gsoSize?: number, checked?: boolean): void;
  /** The other side has come, or is gone. */
  onPeer(connected: boolean): void;
  /** That many frames that were taken to be sent could not be. */
  onLost(frames: number): void;
  /** Something that the user should know. */
  onNote(text: string): void;
}

/** A way for Ethernet frames out of this process and into it. */
export interface Wire {
  /** As the user wrote it: `unix:/tmp/vm.sock`. */
  readonly text: string;
  /** Somebody is there to take frames. */
  readonly connected: boolean;
  /** Takes super-segments of TCP, and brings them. */
  readonly superSegments: boolean;
  /**
   * Begins.
   * @throws LabwireError that says what is wrong and what to do
   */
  open(sink: WireSink): Promise<void>;
  /**
   * Sends a frame, perhaps only with the next {@link flush}.
   * @param gsoSize bytes of text of each segment of a super-segment, which not every wire takes; 0 for an ordinary frame
   * @returns false if nobody is there or there is no room
   */
  send(buf: Uint8Array, off: number, len: number, gsoSize: number): boolean;
  /** Hands on what {@link send} has kept. */
  flush(): void;
  /** Reads no more until {@link resume}: there is no room for it. */
  pause(): void;
  resume(): void;
  close(): Promise<void>;
}
