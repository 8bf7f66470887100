/** A text that is being run, for line numbers in messages. */
export class Source {
  readonly text: string;
  /** Number of its first line. */
  readonly firstLine: number;

  constructor(text: string, firstLine = 1) {
    this.text = text;
    this.firstLine = firstLine;
  }

  /** The number of the line that holds a position. */
  lineAt(pos: number): number {
    let line = this.firstLine;
    for (let i = this.text.indexOf('\n'); i >= 0 && i < pos; i = this.text.indexOf('\n', i + 1))
      line++;
    return line;
  }

  /** The position at which the line that holds `pos` begins. */
  lineStart(pos: number): number {
    return this.text.lastIndexOf('\n', pos - 1) + 1;
  }

  /** The text of the line that holds a position. */
  lineText(pos: number): string {
    const start = this.lineStart(pos);
    const end = this.text.indexOf('\n', start);
    return this.text.slice(start, end < 0 ? undefined : end);
  }
}
