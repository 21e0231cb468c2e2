import { run } from './run.ts'
import { commandWords, leave, processWorld } from './world.ts'

/** What bin/distro.js calls: the words of this process in, its exit code out. */
export async function main(): Promise<void> {
  leave(await run(commandWords(), processWorld()))
}
