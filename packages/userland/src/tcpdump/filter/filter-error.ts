/** A filter that does not compile: the text that tcpdump prints. */
export class FilterError extends Error {}

/** An expression that the grammar has no rule for. */
export class FilterSyntaxError extends FilterError {
  constructor() {
    super("can't parse filter expression: syntax error");
  }
}
