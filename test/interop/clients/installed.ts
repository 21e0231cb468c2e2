import { execFileSync } from 'node:child_process'
import type { Client } from './client.ts'

/** Whether the client is there. Where peers are required (DISTRO_REQUIRE_PEERS), a missing one counts as there, so that its tests fail. */
export function isInstalled({ name, probe: [command, ...words] }: Pick<Client, 'name' | 'probe'>): boolean {
  if (process.env.DISTRO_REQUIRE_PEERS !== undefined) return true
  try {
    execFileSync(command, words, { stdio: 'ignore' })
    return true
  } catch {
    console.warn(`${name} is not installed (${command}): its tests are skipped`)
    return false
  }
}
