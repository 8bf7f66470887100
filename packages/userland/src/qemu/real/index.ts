export { planReal, RealMachine, type RealPlan } from './real-machine.ts';
