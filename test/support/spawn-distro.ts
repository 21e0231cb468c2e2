import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type DistroOptions, DistroProcess } from './distro-process.ts'
import { stoppedAtEnd } from './stopped-at-end.ts'

/**
 * Starts the built command; it is stopped when the test is over. Where neither its words nor `env` say where its state is, that is a folder of
 * this test: nothing is found there that another test or the person who runs it left, such as trees that can be taken from.
 */
export function spawnDistro(words: readonly string[], options: DistroOptions = {}): DistroProcess {
  const env = { ...('HOME' in (options.env ?? {}) ? {} : { XDG_STATE_HOME: stateHome() }), ...options.env }
  return stoppedAtEnd(new DistroProcess(words, { ...options, env }))
}

let stateHomeOfTest: string | undefined

function stateHome(): string {
  if (stateHomeOfTest !== undefined) return stateHomeOfTest
  const folder = mkdtempSync(join(tmpdir(), 'distro-state-'))
  stateHomeOfTest = folder
  onTestFinished(async () => {
    stateHomeOfTest = undefined
    await rm(folder, { recursive: true, force: true })
  })
  return folder
}
