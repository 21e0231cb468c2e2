import { systemClock } from '../../base/system-clock.ts'
import { settleSwitch } from '../../store/owed-switches.ts'
import type { SwitchedEvent } from '../events.ts'
import { runHook } from './hook.ts'

/**
 * Runs the command of a switch as `runHook` does, and forgets that it was owed once it ended well: one that failed or was killed is run
 * again by the next fetch of that release. Rejects like `runHook`, and with BUSY, DISK_FULL or DISK_FAILED.
 */
export async function runSwitchHook(
  command: string,
  fields: SwitchedEvent,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<void> {
  await runHook(command, { type: 'switched', fields }, env, signal)
  await settleSwitch(fields.dir, fields.release, systemClock)
}
