import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { onTestFinished, type TestContext } from 'vitest'

const run = promisify(execFile)

/** Mounts a tmpfs on `folder` until the test is over; skips the test where that is not possible. */
export async function mountTmpfs(context: TestContext, folder: string, options: string): Promise<void> {
  if (process.getuid?.() !== 0) context.skip('mounting a tmpfs needs root')
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]).catch(() => undefined)
  if (mounted === undefined) context.skip('this machine does not let us mount a tmpfs')
  onTestFinished(async () => {
    await run('umount', ['-l', folder])
  })
}
