export type { Asked, LocalAnswer, LocalNet } from './answer-context.ts';
export { AnswerRequest, type AnswerSource } from './answer-request.ts';
export { addressesOfRules, type RuleAnswer, writeRuleAnswer } from './local-answer.ts';
export { existsHere } from './local-domain.ts';
