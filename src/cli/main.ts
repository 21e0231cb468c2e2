import { tellVersion } from './tell-version.ts'
import { commandWords, leave, processWorld } from './world.ts'

// For scripts/make-code-cache.js, which runs commands in a world that is nearly this one.
export { processWorld }

/** What bin/distro.js calls: the words of this process in, its exit code out. Nothing else is loaded to tell the version. */
export async function main(): Promise<void> {
  const [words, world] = [commandWords(), processWorld()]
  if (tellVersion(words, world) && world.stdout.fault === undefined) {
    leave(0)
    return
  }
  const { run } = await import('./run.ts')
  leave(await run(words, world))
}
