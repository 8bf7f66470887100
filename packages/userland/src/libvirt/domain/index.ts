export { DomainDef, XmlNode } from './conf/index.ts';
export { Domain, DomainDriver, type InterfaceChange, type NamedBy } from './driver/index.ts';
