export {
  allMachines,
  type ConfigSource,
  HOME_LINK,
  type ImageConfig,
  type LabConfig,
  type MachineConfig,
  makeConfig,
  type Place,
  plainImage,
  type Surroundings,
  type WorldMachine,
} from './config.ts';
export type { BlockEntry, RawConfig, RawInterface, RawLink, RawOverlay } from './raw-config.ts';
export { frontMatterSchema, overlaySchema } from './schema.ts';
export type { InterfaceAddress } from './values.ts';
export { checkSchema, parseYaml, problem, type YamlSource } from './yaml-source.ts';
