export { KEYWORDS, SCOPED_KEYWORDS } from './keywords.ts';
export { Lexer, syntaxError, type Token, type TokenKind, tokenName } from './lexer.ts';
export { formatError, type Loc, NftError, type Source, span } from './source.ts';
