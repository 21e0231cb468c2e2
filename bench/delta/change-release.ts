import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import path from 'node:path'
import { type Noise, noiseOf } from '../harness/noise.ts'
import { type ReleaseFile, shareOf, writeFile } from './release.ts'

/** Bytes that change in place, of all. */
const CHANGED_SHARE = 0.01

/** Of 3,000 files. */
const ADDED = 20
const MOVED = 5
const REMOVED = 5

/** Whole files are replaced until so much of the share is reached: what is missing then is less than a file. */
const NEARLY = 0.98

/**
 * Makes the next release of the one in `folder`: one percent of its bytes change in place - runs of `runBytes` at random places, or whole
 * files where it is `file` - and files are added, moved and removed. Returns how many bytes are new.
 */
export function changeRelease(folder: string, files: readonly ReleaseFile[], runBytes: number | 'file'): number {
  const chance = noiseOf('choices')
  const shuffled = shuffle(files, chance)
  const removed = shuffled.splice(0, shareOf(REMOVED, files.length))
  const moved = shuffled.splice(0, shareOf(MOVED, files.length))
  for (const { path: name } of removed) rmSync(path.join(folder, name))
  for (const { path: name } of moved) move(folder, name)
  const goalBytes = CHANGED_SHARE * files.reduce((sum, { bytes }) => sum + bytes, 0)
  const changedBytes = runBytes === 'file' ? replace(folder, shuffled, goalBytes) : overwrite(folder, shuffled, goalBytes, runBytes, chance)
  return changedBytes + add(folder, shuffled)
}

function shuffle(files: readonly ReleaseFile[], chance: Noise): ReleaseFile[] {
  const rest = [...files]
  return files.flatMap(() => rest.splice(chance.below(rest.length), 1))
}

function move(folder: string, name: string): void {
  const place = path.join(folder, 'moved', path.basename(name))
  mkdirSync(path.dirname(place), { recursive: true })
  renameSync(path.join(folder, name), place)
}

/** The new ones are as long as some of the old ones. */
function add(folder: string, models: readonly ReleaseFile[]): number {
  const added = models.slice(0, shareOf(ADDED, models.length)).map(({ bytes }, index) => writeFile(folder, `added/new-${index}.bin`, bytes))
  return added.reduce((sum, { bytes }) => sum + bytes, 0)
}

function replace(folder: string, files: readonly ReleaseFile[], goalBytes: number): number {
  let changedBytes = 0
  for (const { path: name, bytes } of files) {
    if (changedBytes >= NEARLY * goalBytes) break
    if (changedBytes + bytes > goalBytes) continue
    writeFileSync(path.join(folder, name), noiseOf(`again ${path.basename(name)}`).bytes(bytes))
    changedBytes += bytes
  }
  return changedBytes
}

/** Every byte is as likely as any other to be where a run begins; a run ends with its file. */
function overwrite(folder: string, files: readonly ReleaseFile[], goalBytes: number, runBytes: number, chance: Noise): number {
  const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0)
  const content = noiseOf('runs')
  let changedBytes = 0
  while (changedBytes < goalBytes) {
    let offset = chance.below(totalBytes)
    const file = files.find(({ bytes }) => {
      if (offset < bytes) return true
      offset -= bytes
      return false
    })
    if (file === undefined) break
    const run = content.bytes(Math.min(runBytes, file.bytes - offset))
    const descriptor = openSync(path.join(folder, file.path), 'r+')
    writeSync(descriptor, run, 0, run.length, offset)
    closeSync(descriptor)
    changedBytes += run.length
  }
  return changedBytes
}
