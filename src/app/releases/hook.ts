import { spawn } from 'node:child_process'
import { DistroError } from '../../base/errors.ts'
import { openFileLimit } from '../../base/open-file-limit.ts'
import type { DoneEvent, SwitchedEvent } from '../events.ts'

/** What a command is told, and why it runs. */
export type HookOccasion =
  | { readonly type: 'done'; readonly fields: DoneEvent }
  | { readonly type: 'switched'; readonly fields: SwitchedEvent }

/**
 * Runs `command` through the shell, its output on stderr. What happened reaches it as variables in its environment and as one line of JSON on
 * its stdin, the same as `--json` prints, and never as part of the command, so that no name can be taken for shell syntax. A command need
 * not read its stdin. Rejects with HOOK_FAILED when it fails, and with the signal's reason when it is stopped.
 */
export async function runHook(
  command: string,
  occasion: HookOccasion,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted()
  const { type, fields } = occasion
  let stop = (): void => undefined
  try {
    // An environment that is too large is an exception here, and no event.
    const child = spawn(command, { shell: true, env: { ...env, ...variablesOf(occasion) }, stdio: ['pipe', 2, 2], windowsHide: true })
    stop = () => void child.kill('SIGTERM')
    signal.addEventListener('abort', stop, { once: true })
    // Whoever does not read its stdin closes it early.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(`${JSON.stringify({ type, time: new Date().toISOString(), ...fields })}\n`)
    const ending = await new Promise<string>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code, killedBy) => resolve(killedBy === null ? `exit code ${code}` : killedBy))
    })
    if (ending === 'exit code 0') return
    signal.throwIfAborted()
    throw hookFailure(occasion, `ended with ${ending}`)
  } catch (cause) {
    if (cause instanceof DistroError || signal.aborted) throw cause
    const why = openFileLimit(cause)?.reason ?? (cause instanceof Error ? cause.message : 'unknown reason')
    throw hookFailure(occasion, `could not be started (${why})`)
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

function variablesOf({ type, fields }: HookOccasion): Readonly<Record<string, string>> {
  const { path, infoHash, name, bytes } = fields
  const common = {
    DISTRO_PATH: path,
    DISTRO_INFO_HASH: infoHash ?? '',
    DISTRO_NAME: name,
    DISTRO_BYTES: bytes === null ? '' : String(bytes),
  }
  if (type === 'done') return common
  const { verb, dir, current, release, previous } = fields
  const switched = { DISTRO_VERB: verb, DISTRO_RELEASES_DIR: dir, DISTRO_CURRENT: current }
  return { ...common, ...switched, DISTRO_RELEASE: release, DISTRO_PREVIOUS: previous ?? '' }
}

function hookFailure(occasion: HookOccasion, what: string): DistroError {
  const isDone = occasion.type === 'done'
  const hint = isDone ? 'The tree is in place and verified; only the command failed.' : switchHint(occasion.fields)
  return new DistroError('HOOK_FAILED', `The ${isDone ? '--on-done' : '--on-switch'} command ${what}.`, { hint })
}

/** A second rollback without the command would go one further back than the release that was just left, so both ways are named. */
function switchHint({ verb, dir, release, previous }: SwitchedEvent): string {
  const rollback = `distro rollback ${shellWord(dir)} --to`
  const again = verb === 'fetch' ? 'The same fetch' : `${rollback} ${shellWord(release)}`
  const back = previous === null ? '' : `; ${rollback} ${shellWord(previous)} goes back`
  return `The switch has happened; only the command failed. ${again} with --on-switch runs it again${back}.`
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
