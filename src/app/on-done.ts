import { spawn } from 'node:child_process'
import { DistroError } from '../base/errors.ts'
import type { DoneEvent } from './events.ts'

/**
 * Runs `command` through the shell, its output on stderr. What was fetched reaches it as DISTRO_PATH, DISTRO_INFO_HASH, DISTRO_NAME and
 * DISTRO_BYTES in its environment and never as part of the command, so that no name can be taken for shell syntax.
 * Rejects with HOOK_FAILED when it fails, and with the signal's reason when it is stopped.
 */
export async function startOnDone(
  command: string,
  done: DoneEvent,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted()
  const facts = { DISTRO_PATH: done.path, DISTRO_INFO_HASH: done.infoHash, DISTRO_NAME: done.name, DISTRO_BYTES: String(done.bytes) }
  const child = spawn(command, { shell: true, env: { ...env, ...facts }, stdio: ['ignore', 2, 2], windowsHide: true })
  const stop = (): void => void child.kill('SIGTERM')
  signal.addEventListener('abort', stop, { once: true })
  try {
    const ending = await new Promise<string>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code, killedBy) => resolve(killedBy === null ? `exit code ${code}` : killedBy))
    })
    if (ending === 'exit code 0') return
    signal.throwIfAborted()
    throw hookFailure(`ended with ${ending}`)
  } catch (cause) {
    if (cause instanceof DistroError || signal.aborted) throw cause
    throw hookFailure(`could not be started (${cause instanceof Error ? cause.message : 'unknown reason'})`)
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

function hookFailure(what: string): DistroError {
  return new DistroError('HOOK_FAILED', `The --on-done command ${what}.`, {
    hint: 'The tree is in place and verified; only the command failed.',
  })
}
