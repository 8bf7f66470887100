/** A filter that does not compile: the text that tcpdump prints. */
export class FilterError extends Error {}

/** What is said of an expression that the grammar has no rule for. */
export const SYNTAX_ERROR = "can't parse filter expression: syntax error";
