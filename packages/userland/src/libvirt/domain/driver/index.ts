export { Domain } from './domain.ts';
export { DomainDriver, type NamedBy } from './domain-driver.ts';
export type { InterfaceChange } from './interfaces.ts';
