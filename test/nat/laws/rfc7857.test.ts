import { holdLaws } from './hold.ts';

holdLaws('RFC 7857');
