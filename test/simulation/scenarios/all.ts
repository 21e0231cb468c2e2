import type { Scenario } from '../scenario.ts'
import { equal } from './equal.ts'

/** Every scenario, in the order in which they are listed. */
export const scenarios: readonly Scenario[] = [equal]
