import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { DistroError } from '../../src/base/errors.ts'
import { GiB } from '../../src/base/units.ts'
import { undoAtExit } from './leftovers.ts'

const MEMORY_DISK = '/dev/shm'

/** Followed by the owner's process id, so that what a killed benchmark left behind can be told and removed. */
const PREFIX = 'distro-bench-'

/** Up to this size content goes to memory, beyond it to a real disk. */
const MEMORY_DISK_LIMIT_BYTES: number = 4 * GiB

/** A folder of the benchmark's own, removed when the benchmark ends in whatever way. */
export interface WorkDirectory {
  readonly path: string
  /** Makes an empty folder in it. */
  folder(name: string): string
  /** Removes a folder of it. */
  drop(name: string): void
}

/**
 * Makes a work directory with room for `neededBytes`: below `chosen` when given, else on tmpfs when it fits there.
 *
 * @throws DistroError `DISK_FULL` when the place has too little room.
 */
export function makeWorkDirectory(chosen: string | undefined, neededBytes: number): WorkDirectory {
  const parent = chosen ?? (neededBytes <= MEMORY_DISK_LIMIT_BYTES ? MEMORY_DISK : os.tmpdir())
  removeAbandoned(parent)
  const { bavail, bsize } = statfsSync(parent)
  if (bavail * bsize < neededBytes) {
    throw new DistroError('DISK_FULL', `${parent} has no room for the ${(neededBytes / GiB).toFixed(1)} GiB this benchmark needs`, {
      hint: 'choose another place with --dir or less content with --size',
    })
  }
  const folder = mkdtempSync(path.join(parent, `${PREFIX}${process.pid}-`))
  undoAtExit(() => rmSync(folder, { recursive: true, force: true }))
  return {
    path: folder,
    folder: (name) => {
      const made = path.join(folder, name)
      mkdirSync(made, { recursive: true })
      return made
    },
    drop: (name) => rmSync(path.join(folder, name), { recursive: true, force: true }),
  }
}

function removeAbandoned(parent: string): void {
  for (const name of readdirSync(parent)) {
    const owner = name.startsWith(PREFIX) ? /^\d+(?=-)/.exec(name.slice(PREFIX.length))?.[0] : undefined
    if (owner !== undefined && !existsSync(`/proc/${owner}`)) rmSync(path.join(parent, name), { recursive: true, force: true })
  }
}
