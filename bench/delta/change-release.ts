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

/** What changes in place: runs of so many bytes at random places, whole files, or a run in every file, of the same share of each. */
export type Change = number | 'file' | 'each-file'

/**
 * Makes the next release of the one in `folder`: one percent of its bytes change in place, and files are added, moved and removed. Returns
 * how many bytes are new.
 */
export function changeRelease(folder: string, files: readonly ReleaseFile[], change: Change): number {
  const chance = noiseOf('choices')
  const shuffled = shuffle(files, chance)
  const removed = shuffled.splice(0, shareOf(REMOVED, files.length))
  const moved = shuffled.splice(0, shareOf(MOVED, files.length))
  for (const { path: name } of removed) rmSync(path.join(folder, name))
  for (const { path: name } of moved) move(folder, name)
  return changeInPlace(folder, shuffled, change, chance) + add(folder, shuffled)
}

function changeInPlace(folder: string, files: readonly ReleaseFile[], change: Change, chance: Noise): number {
  if (change === 'each-file') return touchEach(folder, files, chance)
  const goalBytes = CHANGED_SHARE * files.reduce((sum, { bytes }) => sum + bytes, 0)
  return change === 'file' ? replace(folder, files, goalBytes) : overwrite(folder, files, goalBytes, change, chance)
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

/** One run in each file, at any place of it. */
function touchEach(folder: string, files: readonly ReleaseFile[], chance: Noise): number {
  const content = noiseOf('runs')
  let changedBytes = 0
  for (const file of files) {
    const run = content.bytes(Math.max(1, Math.round(CHANGED_SHARE * file.bytes)))
    writeRun(folder, file, run, chance.below(file.bytes - run.length + 1))
    changedBytes += run.length
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
    writeRun(folder, file, run, offset)
    changedBytes += run.length
  }
  return changedBytes
}

function writeRun(folder: string, file: ReleaseFile, run: Uint8Array, offset: number): void {
  const descriptor = openSync(path.join(folder, file.path), 'r+')
  writeSync(descriptor, run, 0, run.length, offset)
  closeSync(descriptor)
}
