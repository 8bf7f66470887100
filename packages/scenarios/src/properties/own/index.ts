export { checkRules } from './check-rules.ts';
export { OwnTry, silence } from './own-try.ts';
export { type Hints, type OwnRules, surround } from './surroundings.ts';
export { findTranslations, type Translation } from './translations.ts';
