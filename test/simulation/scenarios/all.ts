import type { Scenario } from '../scenario.ts'
import { copies } from './copies.ts'
import { crash } from './crash.ts'
import { equal } from './equal.ts'
import { flash } from './flash.ts'
import { hostile } from './hostile.ts'
import { mirror } from './mirror.ts'
import { mixed } from './mixed.ts'
import { oneAddress } from './one-address.ts'
import { originLeaves } from './origin-leaves.ts'
import { partition } from './partition.ts'
import { racks } from './racks.ts'
import { staggered } from './staggered.ts'
import { tinyOrigin } from './tiny-origin.ts'

/** Every scenario, in the order in which they are listed. */
export const scenarios: readonly Scenario[] = [
  equal,
  mixed,
  flash,
  staggered,
  originLeaves,
  crash,
  partition,
  racks,
  oneAddress,
  hostile,
  tinyOrigin,
  mirror,
  copies,
]
